// Sections and origins that we write ourselves.
import { DEFAULT_PTIME_MS } from './audio.ts';
import { ownXr } from './extended-reports.ts';
import { ICE_LITE, ICE_MISMATCH, iceAttributes } from './ice.ts';
import type { Direction, MediaDescription, OwnMedia, PayloadFormat, SdpOrigin } from './types.ts';

/** What one audio section of ours says besides where it listens. */
export interface OwnAudio {
  readonly formats: readonly PayloadFormat[];
  readonly direction: Direction;
  readonly rtcpMux: boolean;
  /** `RTP/AVP` where not given. */
  readonly protocol?: string | undefined;
  /** 20 ms where not given. */
  readonly ptimeMs?: number | undefined;
  readonly maxptimeMs?: number | undefined;
  readonly mid?: string | undefined;
  readonly attributes?: readonly string[] | undefined;
  /** The section that it answers; none in an offer. */
  readonly answers?: MediaDescription | undefined;
}

/** An audio section at our address. */
export function ownAudio(own: OwnMedia, audio: OwnAudio): MediaDescription {
  const { formats, direction, rtcpMux, ptimeMs = DEFAULT_PTIME_MS, maxptimeMs, mid } = audio;
  return {
    kind: 'audio',
    port: own.rtpPort,
    protocol: audio.protocol ?? 'RTP/AVP',
    address: own.address,
    formats,
    formatList: formats.map((format) => String(format.payloadType)),
    direction,
    ptimeMs,
    maxptimeMs,
    // RFC 3605: told only where it is not the next port.
    rtcp: own.rtcpPort === own.rtpPort + 1 ? undefined : { port: own.rtcpPort, address: undefined },
    rtcpMux,
    mid,
    attributes: [...(audio.attributes ?? []), ...iceOfSection(own), ownXr(audio.answers)],
  };
}

function iceOfSection({ ice }: OwnMedia): readonly string[] {
  if (ice === undefined) return [];
  return ice === 'mismatch' ? [ICE_MISMATCH] : iceAttributes(ice);
}

/** What a description of ours says of the whole session. */
export function ownAttributes({ ice }: OwnMedia): readonly string[] {
  return typeof ice === 'object' && ice.isLite ? [ICE_LITE] : [];
}

/** Our `o=`. */
export function ownOrigin(own: OwnMedia): SdpOrigin {
  const { sessionId, version, originAddress = own.address } = own;
  return { username: '-', sessionId, version: String(version), address: originAddress };
}

/** The same section with port 0: rejected, or put away (RFC 3264 §6, §8.2). Its formats stay, as it must list one. */
export function rejected(line: MediaDescription): MediaDescription {
  const { kind, protocol, formats, formatList, mid } = line;
  return {
    kind,
    port: 0,
    protocol,
    address: undefined,
    formats,
    formatList,
    direction: 'inactive',
    ptimeMs: undefined,
    maxptimeMs: undefined,
    rtcp: undefined,
    rtcpMux: false,
    mid,
    attributes: [],
  };
}

// The one audio section of a description that we carry.
import { addressFamily } from '../../core/index.ts';
import { effectiveDirection } from './direction.ts';
import { wantedXrOf } from './extended-reports.ts';
import type { MediaDescription, RemoteMedia, SessionDescription } from './types.ts';

// SRTP (`RTP/SAVP`) is refused: its payload without its keys would be noise.
const CARRIED_PROTOCOLS: ReadonlySet<string> = new Set(['RTP/AVP', 'RTP/AVPF']);

/** Packets of 20 ms where the description says nothing (RFC 3551 §4.2). */
export const DEFAULT_PTIME_MS = 20;

/** A section and its place among those of its description. */
export interface PlacedMedia {
  readonly index: number;
  readonly line: MediaDescription;
}

/** The first audio section that is in use, over plain RTP, with formats that are known; undefined where there is none. */
export function audioOf(description: SessionDescription): PlacedMedia | undefined {
  return place(description, isCarried);
}

/** As `audioOf`, or else the first audio section of any kind: it was put away, and may come back (RFC 3264 §8.2). */
export function audioPlaceOf(description: SessionDescription): PlacedMedia | undefined {
  return audioOf(description) ?? place(description, (line) => line.kind === 'audio');
}

function place(
  description: SessionDescription,
  isWanted: (line: MediaDescription) => boolean,
): PlacedMedia | undefined {
  const index = description.media.findIndex(isWanted);
  const line = description.media[index];
  return line && { index, line };
}

function isCarried(line: MediaDescription): boolean {
  const { kind, port, protocol, formats } = line;
  return kind === 'audio' && port !== 0 && CARRIED_PROTOCOLS.has(protocol) && formats.length > 0;
}

/**
 * Where the party wants its audio and what it can receive.
 *
 * `direction` is the party's own, as `effectiveDirection` has it: reverse it to know what we may do.
 *
 * @param options.rtcpMux - whether our side of the negotiation had rtcp-mux; true where not given
 * @returns undefined where there is no audio that we carry, or where its address is a name
 */
export function remoteMediaOf(
  description: SessionDescription,
  options: { readonly rtcpMux?: boolean } = {},
): RemoteMedia | undefined {
  const line = audioOf(description)?.line;
  if (line?.address === undefined || !addressFamily(line.address)) return undefined;
  const rtp = { address: line.address, port: line.port };
  const rtcpMux = line.rtcpMux && options.rtcpMux !== false;
  const wantedXr = wantedXrOf(description, line);
  return {
    rtp,
    rtcp: rtcpMux ? rtp : rtcpOf(line, rtp),
    rtcpMux,
    formats: line.formats,
    direction: effectiveDirection(line),
    ptimeMs: Math.min(line.ptimeMs ?? DEFAULT_PTIME_MS, line.maxptimeMs ?? Number.POSITIVE_INFINITY),
    ...(wantedXr ? { wantedXr } : {}),
  };
}

/** RFC 3605, or else the next higher port (RFC 3550 §11). */
function rtcpOf(line: MediaDescription, rtp: RemoteMedia['rtp']): RemoteMedia['rtcp'] {
  const next = { address: rtp.address, port: Math.min(rtp.port + 1, 65_535) };
  if (!line.rtcp || line.rtcp.port === 0) return next;
  const address = line.rtcp.address ?? rtp.address;
  return addressFamily(address) ? { address, port: line.rtcp.port } : next;
}

// The shape of a session description: what the parser makes, what the writer takes. Plain data, equal where its JSON is.
import type { Endpoint } from '../../core/index.ts';
import type { IceDescription } from '../../nat/index.ts';

/** RFC 3264 §6.1, from the view of whoever wrote the description. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One payload type (RFC 8866 §6.6). The same shape as the media engine's. */
export interface PayloadFormat {
  /** 0 to 127. */
  readonly payloadType: number;
  /** Lower case: `opus`, `pcmu`, `telephone-event`. */
  readonly encoding: string;
  readonly clockRateHz: number;
  readonly channels: number;
  /** `a=fmtp`, as in SDP. */
  readonly formatParameters?: string;
}

/** One header extension (RFC 8285). The same shape as the media engine's. */
export interface HeaderExtension {
  /** 1 to 14: what one byte of header can say. */
  readonly id: number;
  readonly uri: string;
  /** From the view of whoever wrote the description; from ours where it was negotiated. */
  readonly direction: Direction;
}

/** Where a description asks us to send to, and what it can receive. The same shape as the media engine's. */
export interface RemoteMedia {
  readonly rtp: Endpoint;
  /** The same as `rtp` where rtcp-mux was negotiated. */
  readonly rtcp: Endpoint;
  readonly rtcpMux: boolean;
  readonly formats: readonly PayloadFormat[];
  readonly direction: Direction;
  readonly ptimeMs: number;
  /** Header extensions that both sides know; none where not given. */
  readonly extensions?: readonly HeaderExtension[];
  /** Not given where the description says nothing of extended reports. */
  readonly wantedXr?: WantedXr;
}

/** The extended reports of RTCP that a party wants, of those that we send (RFC 3611 §5.1). The same shape as the media engine's. */
export interface WantedXr {
  readonly referenceTime: boolean;
  readonly voipMetrics: boolean;
}

/** `o=` (RFC 8866 §5.2). */
export interface SdpOrigin {
  readonly username: string;
  /** Digits. */
  readonly sessionId: string;
  /** Digits; phones put numbers of 64 bits here. */
  readonly version: string;
  readonly address: string;
}

/** One `m=` section (RFC 8866 §5.14). */
export interface MediaDescription {
  /** `audio`, `video`, `application` … */
  readonly kind: string;
  /** 0: rejected, or not in use (RFC 3264 §6, §8.2). */
  readonly port: number;
  /** Upper case: `RTP/AVP`. */
  readonly protocol: string;
  /** Of its own `c=` or the session's, without TTL; undefined where there is none and the port is 0. */
  readonly address: string | undefined;
  /** What an RTP section can receive, in order of preference; payload types that nobody explains are left out. */
  readonly formats: readonly PayloadFormat[];
  /** The formats as the `m=` line has them: written where `formats` is empty. */
  readonly formatList: readonly string[];
  readonly direction: Direction;
  readonly ptimeMs: number | undefined;
  readonly maxptimeMs: number | undefined;
  /** RFC 3605; an undefined address is that of the media. */
  readonly rtcp: { readonly port: number; readonly address: string | undefined } | undefined;
  /** RFC 5761. */
  readonly rtcpMux: boolean;
  readonly mid: string | undefined;
  /** Every other attribute, without `a=`. */
  readonly attributes: readonly string[];
}

/** A session description (RFC 8866). */
export interface SessionDescription {
  readonly origin: SdpOrigin;
  readonly sessionName: string;
  /** Attributes of the session, without `a=`, but for the direction, which stands in each media section. */
  readonly attributes: readonly string[];
  readonly media: readonly MediaDescription[];
}

/** Our side of a description that we write. */
export interface OwnMedia {
  /** Numeric: where we receive. */
  readonly address: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** Digits; the same for all descriptions of one session (RFC 3264 §5). */
  readonly sessionId: string;
  /** Grows by one with every description that differs from the one before (RFC 3264 §8). */
  readonly version: number;
  /** Address in `o=`; `address` where not given. */
  readonly originAddress?: string;
  /** Whether RTP and RTCP may share a port (RFC 5761); true where not given. */
  readonly rtcpMux?: boolean;
  /** What our section says of ICE; `mismatch` why it has none (RFC 8839 §5.3). Nothing where not given. */
  readonly ice?: IceDescription | 'mismatch' | undefined;
}

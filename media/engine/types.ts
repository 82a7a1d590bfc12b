// The contract between call control and the media engine: plain data, so that it crosses a MessagePort.
import type { Emitter, Endpoint } from '../../core/index.ts';
import type { IceCredentials } from '../../nat/index.ts';
import type { RoomControl, RoomEvents } from '../conference/types.ts';
import type { LegFacts } from '../leg/facts.ts';
import type { QualityReport } from '../quality/types.ts';
import type { RecordingControl, RecordingEvents } from '../recording/types.ts';

/** One payload type that the leg's SDP negotiated. */
export interface PayloadFormat {
  readonly payloadType: number;
  /** As in SDP, lower case: `opus`, `pcmu`, `pcma`, `telephone-event`. */
  readonly encoding: string;
  readonly clockRateHz: number;
  readonly channels: number;
  /** `a=fmtp`, as in SDP. */
  readonly formatParameters?: string;
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One header extension that was negotiated (RFC 8285). */
export interface HeaderExtension {
  /** 1 to 14: as packets have it, both ways. */
  readonly id: number;
  readonly uri: string;
  /** As we see it: `sendonly` means that only our packets have it. */
  readonly direction: Direction;
}

/** Where SDP told us to send to, and what it negotiated. */
export interface RemoteMedia {
  readonly rtp: Endpoint;
  /** The same as `rtp` where rtcp-mux was negotiated. */
  readonly rtcp: Endpoint;
  readonly rtcpMux: boolean;
  /** What the party takes, most preferred first, under the payload types that it expects. */
  readonly formats: readonly PayloadFormat[];
  /** What the party may send, where its payload types differ from those of `formats` (RFC 3264 §5.1). */
  readonly receiveFormats?: readonly PayloadFormat[];
  /** Whether digits that come as tones within the sound are told of and passed on: of a party without telephone-events. */
  readonly detectsTones?: boolean;
  /** As we see it: `sendonly` means that we send and the party only listens. */
  readonly direction: Direction;
  readonly ptimeMs: number;
  /** Header extensions that both sides know; none where not given. */
  readonly extensions?: readonly HeaderExtension[];
  /** Which extended reports of RTCP the party wants (RFC 3611 §5); all that we know of where not given. */
  readonly wantedXr?: WantedXr;
  /** What ICE was agreed on with the party; it has none where not given. */
  readonly ice?: LegIceSettings;
}

/** ICE of one leg (RFC 8445). */
export interface LegIceSettings {
  /**
   * `lite`: checks of the party are answered here (RFC 8445 §2.5). `pass`: they go on to the party of the connected leg,
   * whose credentials are then our own, and its answers come back: the way through the server is one of those that the
   * two of them try.
   */
  readonly mode: LegIceMode;
  /** What our SDP told the party. */
  readonly own: IceCredentials;
  /** What its SDP told us. */
  readonly theirs: IceCredentials;
  /** Numeric addresses of its candidates: its sound may come from there before the first check does. */
  readonly candidates: readonly string[];
}

export type LegIceMode = 'lite' | 'pass';

/** Of the extended reports that we send (RFC 3611 §5.1). */
export interface WantedXr {
  /** Round trips for whoever sends no sound (`rcvr-rtt`). */
  readonly referenceTime: boolean;
  readonly voipMetrics: boolean;
}

export interface OpenLegOptions {
  /** Legs of one call share a worker. */
  readonly callKey: string;
  /** Address to bind: the one from which the party is reached. */
  readonly localAddress: string;
  /** For logs: `alice`, `+49…`. */
  readonly label: string;
}

export interface OpenedLeg {
  readonly legId: number;
  /** Even; RTCP is on the next odd port. */
  readonly rtpPort: number;
  readonly rtcpPort: number;
  readonly ssrc: number;
  readonly cname: string;
}

/** What one leg counted, and how good its sound was. */
export interface LegReport extends QualityReport {
  readonly legId: number;
  readonly label: string;
  readonly received: number;
  readonly receivedBytes: number;
  readonly sent: number;
  readonly sentBytes: number;
  /** Went to the peer, one for one. received = forwarded + consumed + the sum of `discarded`. */
  readonly forwarded: number;
  /** Went into a conversion, which sends packets of its own. */
  readonly consumed: number;
  /** Lost on the way here, and passed on from copies that later packets carried (RFC 2198); not in `received`. */
  readonly repaired: number;
  readonly discarded: Readonly<Record<string, number>>;
  /** The source that latching learned. */
  readonly source: Endpoint | undefined;
  /** What was seen of the party besides. */
  readonly facts: LegFacts;
}

export interface MediaEngineEvents extends RoomEvents, RecordingEvents {
  /** No RTP and no RTCP for the inactivity limit (60 s). */
  inactive: { readonly legId: number };
  /** The first packet, or after a change allowed by signaling the first from the new source. */
  sourceLearned: { readonly legId: number; readonly source: Endpoint };
  /** Somebody other than the learned source sends to the leg. Once per source, at most a few a leg. */
  sourceRefused: { readonly legId: number; readonly source: Endpoint };
  /** A digit was received, once each: as telephone-event (RFC 4733), or as a tone where `detectsTones` asks for them. */
  digit: { readonly legId: number; readonly digit: string; readonly durationMs: number };
  /** These legs are gone, with their worker or by a fault of ours: their calls are lost. */
  failed: { readonly legIds: readonly number[]; readonly reason: string };
}

/**
 * The media engine as call control sees it. Every promise may reject with an `OperationError`:
 * `MEDIA_PORTS_EXHAUSTED` (answer 503), `MEDIA_LEG_UNKNOWN`, `MEDIA_FILE_UNUSABLE`, `MEDIA_FAILED`.
 */
export interface MediaEngine extends Emitter<MediaEngineEvents>, RoomControl, RecordingControl {
  openLeg(options: OpenLegOptions): Promise<OpenedLeg>;
  /** Sets or changes what SDP negotiated; a new address allows one new latching. */
  setRemote(legId: number, remote: RemoteMedia): Promise<void>;
  /** Relays both ways. A leg has one peer at most; connecting anew replaces it. */
  connect(legA: number, legB: number): Promise<void>;
  disconnect(legId: number): Promise<void>;
  /** Sends back what comes in (*43). */
  echo(legId: number): Promise<void>;
  /** Plays a tone in the leg's first sendable format. Resolves when it has been played or stopped. */
  playTone(legId: number, tone: ToneName): Promise<void>;
  /**
   * Plays a WAV or Ogg Opus file to the party, in the place of what its peer sends. Resolves when it has been played or
   * stopped; rejects with `MEDIA_FILE_UNUSABLE` where it cannot be read.
   */
  playFile(legId: number, file: PlayFileOptions): Promise<void>;
  /** Ends a tone or file; the party hears its peer again. */
  stopPlaying(legId: number): Promise<void>;
  /**
   * Sends digits to the party: as telephone-events where it takes them, otherwise as tones within the sound, which ends
   * what plays. Resolves when they were sent, those before them first; rejects with `MEDIA_FAILED` where the party takes
   * neither (Opus carries no tones) or more than 64 wait.
   */
  sendDigits(legId: number, digits: string): Promise<void>;
  report(legId: number): Promise<LegReport>;
  /** Sends RTCP BYE, frees the ports, and gives the last report. */
  closeLeg(legId: number): Promise<LegReport>;
  /** Closes all legs and ends the workers. */
  close(): Promise<void>;
}

export interface PlayFileOptions {
  readonly path: string;
  /** Begins anew at the end, until stopped. */
  readonly loop?: boolean;
}

/** `entry` and `exit`: somebody came into a room, or left it. */
export type ToneName = 'confirmation' | 'error' | 'ringback' | 'busy' | 'congestion' | 'entry' | 'exit';

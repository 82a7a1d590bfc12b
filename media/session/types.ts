// What a phone sees of its RTP session: inputs in, outputs to drain, no sockets.
import type { Random } from '../../core/index.ts';
import type { JitterFrame } from '../jitter/types.ts';
import type { PlayoutStatistics } from '../quality/index.ts';
import type { SendingAdvice } from '../resilience/index.ts';

/** What a session is made from. */
export interface RtpSessionOptions {
  /** Draws SSRC, first sequence number, first timestamp, and the jitter of RTCP. */
  readonly random: Random;
  /** RFC 7022: the same for all streams of one endpoint, and says nothing about the person. */
  readonly cname: string;
  /** `clock.wallClock() - clock.now()` at the start: turns `now` into NTP time for sender reports. */
  readonly wallClockOffsetMs: number;
  /** Live view of the playout buffer, so that late packets and its delay count in the quality. */
  readonly playout?: PlayoutStatistics;
  /** Whether lost packets are concealed rather than played as silence (default true): decides Bpl of G.711. */
  readonly concealment?: boolean;
}

/** A datagram to send from the session's RTP or RTCP socket. The bytes belong to whoever takes it. */
export interface OutgoingDatagram {
  /** Which local socket sends it: with rtcp-mux always `rtp`. */
  readonly socket: 'rtp' | 'rtcp';
  readonly bytes: Uint8Array;
  readonly address: string;
  readonly port: number;
}

/** One who is heard in what a mixer sends. */
export interface Speaker {
  readonly ssrc: number;
  /** Null where the mixer does not tell (RFC 6465). */
  readonly levelDbov: number | null;
}

/** What a session tells its owner. */
export type RtpSessionEvent =
  /** A packet's sound, or the copy of one that did not come. Its payload is a view into the datagram: valid until the next input, so copy what is kept. */
  | { readonly type: 'frame'; readonly frame: JitterFrame }
  /** A packet of that number came, and held no sound but a telephone-event. */
  | { readonly type: 'noSound'; readonly ssrc: number; readonly extendedSequenceNumber: number }
  /** The far end's reports change what shall be sent. The session sends the copies; the encoder is the owner's. */
  | { readonly type: 'advice'; readonly advice: SendingAdvice }
  /** A telephone-event digit came in (RFC 4733), once each. */
  | { readonly type: 'digit'; readonly digit: string; readonly durationMs: number }
  /** The first valid packet came from this source. */
  | { readonly type: 'sourceLearned'; readonly address: string; readonly port: number }
  /** A mixer names others than before as those who are heard (CSRC). */
  | { readonly type: 'speakers'; readonly speakers: readonly Speaker[] }
  /** The far end left the session. It never ends a call: only signaling does. */
  | { readonly type: 'bye'; readonly ssrc: number }
  /** Neither RTP nor RTCP came for so long, from a far end that agreed to send. Told once, until something comes. */
  | { readonly type: 'inactive'; readonly silentMs: number };

/** How one frame is sent. */
export interface SendFrameOptions {
  /** Ticks of the payload clock that the frame covers: 160 for 20 ms of PCMU, 960 of Opus. */
  readonly timestampStep: number;
  /** The first negotiated sound format where it is not given. */
  readonly payloadType?: number;
  /** How loud the frame is, where it is known: told to who has agreed to hear it (RFC 6464). */
  readonly level?: { readonly levelDbov: number; readonly isVoice: boolean } | undefined;
}

/** Packet counts of a session, for progress displays. */
export interface RtpSessionCounters {
  readonly received: number;
  readonly receivedBytes: number;
  readonly sent: number;
  readonly sentBytes: number;
  /** received = consumed + the sum of these. */
  readonly consumed: number;
  readonly discarded: Readonly<Record<string, number>>;
}

// What a jitter buffer takes, and what it tells its receiver to play.

/** One packet's sound as it arrived, or the copy of it that a later packet carried (RFC 2198). */
export interface JitterFrame {
  readonly payloadType: number;
  /** Valid until the next input: the buffer copies what it keeps. */
  readonly payload: Uint8Array;
  /** RTP timestamp, modulo 2^32. */
  readonly timestamp: number;
  /** Sequence number with cycles in the upper bits (RFC 3550 A.1); starts anew with each SSRC. */
  readonly extendedSequenceNumber: number;
  readonly ssrc: number;
  readonly marker: boolean;
  /** Monotonic milliseconds. */
  readonly arrivedAt: number;
  /** Ticks of `timestamp` a second. */
  readonly clockRateHz: number;
  /** A copy that a later packet carried: it says nothing about the network's delay of its own packet. */
  readonly isRedundant?: boolean;
  /** Whether the packet also carries, within its own payload, a copy of the one before it (Opus in-band FEC). */
  readonly hasFec?: boolean;
  /** Whether the far end may fall silent after it: comfort noise, or an Opus packet of at most two bytes. */
  readonly isDtx?: boolean;
}

/** A packet that the buffer hands out; its payload is the buffer's own and valid until the next pull. */
export interface JitterPacket {
  readonly payloadType: number;
  readonly payload: Uint8Array;
  readonly timestamp: number;
  readonly extendedSequenceNumber: number;
}

/** What the receiver knows and the buffer does not. */
export interface PlayingState {
  /** Decoded sound that was not played yet, in milliseconds: it plays before what is pulled now. */
  readonly readyMs: number;
  /** Whether what was decoded last is silence, where the delay may change unheard. */
  readonly isSilent: boolean;
}

/** What to play next. Every step stands for as much time as it says, and the receiver pulls again when it needs more. */
export type PlayoutStep =
  /**
   * Decode the packet. `stretchMs` is how much longer (or, negative, shorter) its sound shall become; the receiver does
   * what the sound allows, whole pitch periods, and tells by `handleStretched`.
   */
  | { readonly type: 'frame'; readonly packet: JitterPacket; readonly stretchMs: number }
  /** A packet is lost, and the copy of its sound is in the in-band FEC of `packet`, which follows it. */
  | { readonly type: 'recover'; readonly packet: JitterPacket; readonly durationMs: number }
  /** A packet that should be there is not, and will not be waited for: conceal that much. */
  | { readonly type: 'lost'; readonly durationMs: number }
  /** Nothing is there yet and its turn has not passed: make up sound, which makes the delay grow. */
  | { readonly type: 'wait'; readonly durationMs: number }
  /** Nothing is expected: before the first packet, while the far end is silent (DTX), or after a stall. */
  | { readonly type: 'nothing' };

/**
 * Counts of one buffer. Each packet that came is in exactly one: `received` = `played` + `late` + `duplicate` +
 * `overflowed` + those that still wait. So is each packet whose turn has passed: `played`, `recovered`, `late` or `lost`.
 */
export interface JitterStatistics {
  /** Packets pushed, redundant copies not counted. */
  readonly received: number;
  /** Handed out from the packet itself. */
  readonly played: number;
  /** Came after their turn had passed, or so long after that catching up meant to leave them out. */
  readonly late: number;
  /** Never came, also not as a copy, by the time of their turn (a late one is counted as late, not lost). */
  readonly lost: number;
  /** Did not come in time, and were played from a copy (RED or FEC). */
  readonly recovered: number;
  /** Came again, or after a copy was played. */
  readonly duplicate: number;
  /** Came behind one with a higher number, and in time. */
  readonly reordered: number;
  /** Thrown away for want of room, or at a restart. */
  readonly overflowed: number;
  /** Sound made up for packets that were late or lost, and while waiting. */
  readonly concealedMs: number;
  /** Sound added and removed by time stretching, each as a positive number. */
  readonly stretchedMs: number;
  readonly compressedMs: number;
  /** Target and present delay from arrival of the earliest possible packet to its playing; null before the first. */
  readonly targetDelayMs: number | null;
  readonly delayMs: number | null;
  /** The sender's clock against ours, in parts per million; null before it can be told. */
  readonly clockDriftPpm: number | null;
}

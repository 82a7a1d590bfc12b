// What a TURN server did, and what it dropped and why.

/** Why something was thrown away. */
export type DropReason =
  /** Neither STUN nor ChannelData, or none that can be read. */
  | 'malformed'
  /** STUN that a server takes no part in: responses, indications that are none of ours, methods that we do not know. */
  | 'unexpected'
  /** Data of whoever has no allocation. */
  | 'noAllocation'
  /** ChannelData on a channel that is not bound. */
  | 'channelUnbound'
  /** To or from a peer without permission. */
  | 'noPermission'
  /** To a peer with whom nobody may speak. */
  | 'peerRefused'
  /** More than the allocation may use. */
  | 'overBandwidth'
  /** What does not fit into one datagram with its header. */
  | 'tooLarge'
  /** An answer to a stranger, or to elsewhere, of which there were too many. */
  | 'reflectionLimit'
  /** A client that takes its data too slowly. */
  | 'clientSlow'
  /** A request that came again while the first was being worked on. */
  | 'retransmission';

export interface TurnCounters {
  /** Now. */
  readonly allocations: number;
  readonly permissions: number;
  readonly channels: number;
  /** Since the start. */
  readonly allocated: number;
  /** Binding requests that were answered. */
  readonly bindings: number;
  /** Of these, from another socket than was asked, or to another port (RFC 5780). */
  readonly redirected: number;
  /** From clients to peers, payload alone. */
  readonly sentPackets: number;
  readonly sentBytes: number;
  /** From peers to clients, payload alone. */
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  /** Inputs at which we failed: bugs of ours. */
  readonly faults: number;
  /** How often its thread died: each time every allocation was lost, and all counters but this began anew. */
  readonly restarts: number;
  /** Answers with an error, by its code. */
  readonly refused: Readonly<Record<number, number>>;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** Counts; the tables it does not know are added by their owner. */
export class Tally {
  allocated = 0;
  sentPackets = 0;
  sentBytes = 0;
  receivedPackets = 0;
  receivedBytes = 0;
  faults = 0;
  readonly refused: Record<number, number> = {};
  readonly dropped: Partial<Record<DropReason, number>> = {};

  countRefused(code: number): void {
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }

  drop(reason: DropReason): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
  }

  countSent(sizeBytes: number): void {
    this.sentPackets += 1;
    this.sentBytes += sizeBytes;
  }

  countReceived(sizeBytes: number): void {
    this.receivedPackets += 1;
    this.receivedBytes += sizeBytes;
  }
}

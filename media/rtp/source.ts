// Sequence numbers of one source: RFC 3550 appendix A.1 and A.3, as functions over a small state.

/** RFC 3550 A.1: packets in sequence before a source that nothing else vouches for is valid. */
export const MIN_SEQUENTIAL = 2;
/** RFC 3550 A.1: a forward jump of as many is loss, of more a restart. */
export const MAX_DROPOUT = 3000;
/** RFC 3550 A.1: a packet as far behind is reordered, farther a restart. */
export const MAX_MISORDER = 100;

const SEQUENCE_MODULUS = 0x1_0000;
// A value that no sequence number has: no packet has yet hinted at a restart.
const NO_BAD_SEQUENCE = SEQUENCE_MODULUS + 1;

/** The counters of RFC 3550 A.1. Reset by {@link updateSequence} alone. */
export interface SourceState {
  /** Packets in sequence still wanted before the source is valid. */
  probation: number;
  /** Highest sequence number, 16 bit. */
  maxSequence: number;
  /** Wraps of the sequence number times 2^16. */
  cycles: number;
  /** First sequence number since the source became valid or restarted. */
  baseSequence: number;
  /** The next number of a possible restart. */
  badSequence: number;
  /** Packets since the last (re)start, duplicates included. */
  received: number;
  /** Expected and received up to the last (re)start, so that totals survive it. */
  priorExpectedTotal: number;
  priorReceivedTotal: number;
  /** Expected and received at the last {@link takeFractionLost}. */
  reportedExpected: number;
  reportedReceived: number;
  restarts: number;
  /** Came behind a later one: reordered, or doubled and late. */
  overtaken: number;
}

/** What one sequence number meant. */
export type SequenceVerdict =
  | 'valid' // counted: in order, after a gap, reordered or doubled
  | 'probation' // not counted: the source has not proven itself
  | 'suspect' // not counted: a jump too large to be loss; the next in order makes it a restart
  | 'restart'; // counted: the sender began anew

/** @param probation - {@link MIN_SEQUENTIAL}, or 1 for a source that its address or signaling vouches for */
export function createSourceState(firstSequence: number, probation = MIN_SEQUENTIAL): SourceState {
  return {
    probation,
    maxSequence: (firstSequence - 1) & 0xffff,
    cycles: 0,
    baseSequence: firstSequence,
    badSequence: NO_BAD_SEQUENCE,
    received: 0,
    priorExpectedTotal: 0,
    priorReceivedTotal: 0,
    reportedExpected: 0,
    reportedReceived: 0,
    restarts: 0,
    overtaken: 0,
  };
}

/** Takes the next packet's 16-bit sequence number (RFC 3550 A.1, `update_seq`). */
export function updateSequence(state: SourceState, sequenceNumber: number): SequenceVerdict {
  if (state.probation > 0) return updateInProbation(state, sequenceNumber);
  const delta = (sequenceNumber - state.maxSequence) & 0xffff;
  if (delta < MAX_DROPOUT) {
    if (sequenceNumber < state.maxSequence) state.cycles += SEQUENCE_MODULUS;
    state.maxSequence = sequenceNumber;
  } else if (delta <= SEQUENCE_MODULUS - MAX_MISORDER) {
    if (sequenceNumber !== state.badSequence) {
      state.badSequence = (sequenceNumber + 1) & 0xffff;
      return 'suspect';
    }
    // Two in sequence: the other side restarted without telling us, so this is the first packet.
    restart(state, sequenceNumber);
    state.received += 1;
    return 'restart';
  }
  if (delta > SEQUENCE_MODULUS - MAX_MISORDER) state.overtaken += 1;
  // A duplicate or reordered packet is counted, and moves nothing.
  state.received += 1;
  return 'valid';
}

function updateInProbation(state: SourceState, sequenceNumber: number): SequenceVerdict {
  if (sequenceNumber !== ((state.maxSequence + 1) & 0xffff)) {
    state.probation = MIN_SEQUENTIAL - 1;
    state.maxSequence = sequenceNumber;
    return 'probation';
  }
  state.probation -= 1;
  state.maxSequence = sequenceNumber;
  if (state.probation > 0) return 'probation';
  begin(state, sequenceNumber);
  state.received += 1;
  return 'valid';
}

function restart(state: SourceState, sequenceNumber: number): void {
  state.priorExpectedTotal += expectedPackets(state);
  state.priorReceivedTotal += state.received;
  state.restarts += 1;
  begin(state, sequenceNumber);
}

/** RFC 3550 A.1, `init_seq`. */
function begin(state: SourceState, sequenceNumber: number): void {
  state.baseSequence = sequenceNumber;
  state.maxSequence = sequenceNumber;
  state.badSequence = NO_BAD_SEQUENCE;
  state.cycles = 0;
  state.received = 0;
  state.reportedExpected = 0;
  state.reportedReceived = 0;
}

/** The highest sequence number with its cycles; RTCP takes it modulo 2^32. */
export function extendedHighest(state: SourceState): number {
  return state.cycles + state.maxSequence;
}

/** The cycles that a packet near the highest belongs to, added to its 16-bit number. */
export function extendSequence(state: SourceState, sequenceNumber: number): number {
  const behind = (state.maxSequence - sequenceNumber) & 0xffff;
  const ahead = (sequenceNumber - state.maxSequence) & 0xffff;
  return behind <= ahead ? extendedHighest(state) - behind : extendedHighest(state) + ahead;
}

/** Packets expected since the last (re)start (RFC 3550 A.3). */
export function expectedPackets(state: SourceState): number {
  return state.received === 0 ? 0 : extendedHighest(state) - state.baseSequence + 1;
}

/** Expected less received since the last (re)start: negative with duplicates (RFC 3550 A.3). */
export function lostPackets(state: SourceState): number {
  return expectedPackets(state) - state.received;
}

/** Expected and received over all (re)starts: what a report of the whole call says. */
export function totalExpected(state: SourceState): number {
  return state.priorExpectedTotal + expectedPackets(state);
}

/** See {@link totalExpected}. */
export function totalReceived(state: SourceState): number {
  return state.priorReceivedTotal + state.received;
}

/**
 * The 8-bit fraction lost since the last call (RFC 3550 A.3): 0 where more came than were expected.
 * It moves the interval: one caller only, the RTCP report.
 */
export function takeFractionLost(state: SourceState): number {
  const expected = expectedPackets(state);
  const expectedInterval = expected - state.reportedExpected;
  const lostInterval = expectedInterval - (state.received - state.reportedReceived);
  state.reportedExpected = expected;
  state.reportedReceived = state.received;
  if (expectedInterval <= 0 || lostInterval <= 0) return 0;
  return Math.min(255, Math.floor((lostInterval * 256) / expectedInterval));
}

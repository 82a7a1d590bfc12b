// The jitter buffer: packets in as they come, sound out as it is needed, and the delay between the two decided.
import type { OrderedLosses } from '../quality/types.ts';
import { ClockDrift } from './clock-drift.ts';
import { DelayEstimator } from './delay-estimator.ts';
import { PacketStore, type StoredPacket } from './packet-store.ts';
import { PlayoutSteps } from './playout-steps.ts';
import { SenderTimeline } from './sender-timeline.ts';
import { SequenceWindow } from './sequence-window.ts';
import { Tally } from './tally.ts';
import type { JitterFrame, JitterStatistics, PlayingState, PlayoutStep } from './types.ts';

/** Below this a receiver that takes sound every 10 ms finds none. */
export const MIN_DELAY_MS = 40;
export const MAX_DELAY_MS = 400;
/** Packets that a buffer holds: a stall of 2 s at 10 ms each, and a power of two. */
const CAPACITY = 256;
/** Made up at a time while a packet is waited for: no more than is needed to ask again. */
const WAIT_MS = 5;
/** So long without sound is a stall, and nothing is made up any more. */
const STALL_MS = 1000;
/** No path is slower: timestamps that stand still or creep look so, and their delay is measured anew. */
const LONGEST_DELAY_MS = 5000;
/** How often a receiver asks for sound. */
const BEAT_MS = 10;
/** So much below the target is on target. */
const ON_TARGET_MS = 1;
/** Speech is stretched only where the delay is off by more, for stretching can be heard. */
const SPEECH_TOLERANCE_MS = 5;
/** After a wait, sound that is older than the target by more is left out, as far as other sound was made up for it. */
const KEEP_MS = 20;

export interface JitterBufferOptions {
  /** Least and most delay from the arrival of the fastest packets to their playing. */
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** Sans-I/O; a step and its packet are valid until the next {@link pull}. */
export class JitterBuffer {
  readonly #window = new SequenceWindow();
  readonly #timeline = new SenderTimeline();
  readonly #drift = new ClockDrift();
  readonly #store = new PacketStore(CAPACITY);
  readonly #tally = new Tally();
  readonly #steps = new PlayoutSteps();
  readonly #estimator: DelayEstimator;
  readonly #maxDelayMs: number;

  #isPlaying = false;
  /** The sequence number whose turn is next, and when its sound was sent if none is silent before it. */
  #next = -1;
  #position = 0;
  /** Made up while waiting for the next packet: silence of the far end, if that is what it turns out to be. */
  #waitedMs = 0;
  /** Made up while waiting and not yet made good: as much sound may be left out, for its time has passed already. */
  #owedMs = 0;
  #mayBeSilent = false;
  #delayMs: number | null = null;

  constructor(options: JitterBufferOptions = {}) {
    const { minDelayMs = MIN_DELAY_MS, maxDelayMs = MAX_DELAY_MS } = options;
    this.#maxDelayMs = maxDelayMs;
    this.#estimator = new DelayEstimator({ minDelayMs, maxDelayMs });
  }

  /** Takes a packet, or a copy of one; what is kept of it is copied. */
  push(_now: number, frame: JitterFrame): void {
    if (frame.isRedundant) return this.#pushCopy(frame);
    this.#tally.received += 1;
    const verdict = this.#window.judge(frame);
    if (verdict === 'suspect') {
      this.#tally.overflowed += 1;
      return;
    }
    if (verdict === 'restart') this.#restart(frame.extendedSequenceNumber);
    const sentAt = this.#place(frame);
    const isNew = this.#admit(frame, sentAt);
    if (isNew) this.#measure(frame.arrivedAt, sentAt);
    if (isNew && verdict === 'behind' && frame.extendedSequenceNumber >= this.#next)
      this.#tally.reordered += 1;
  }

  /**
   * What to play after the sound that is ready. Delay is measured to this moment, not to when the sound will be heard: a
   * packet that comes in between is too late to be asked for.
   */
  pull(now: number, playing: PlayingState): PlayoutStep {
    const head = this.#store.firstFrom(this.#next);
    if (!head) return this.#starve();
    if (!this.#isPlaying && !this.#begin(head, now)) return this.#steps.nothing;
    return this.#playFrom(this.#catchUp(head, now), now, playing);
  }

  /** By how much the receiver made a frame longer or, negative, shorter. */
  handleStretched(ms: number): void {
    if (ms > 0) this.#tally.stretchedMs += ms;
    else this.#tally.compressedMs -= ms;
  }

  /** Live: numbers whose turn passed without their sound. */
  get losses(): OrderedLosses {
    return this.#tally.losses;
  }

  /** As in {@link JitterBuffer.statistics}, for whoever asks with every packet. */
  get targetDelayMs(): number | null {
    return this.#next >= 0 ? this.#estimator.targetMs : null;
  }

  /** The same. */
  get delayMs(): number | null {
    return this.#delayMs;
  }

  get statistics(): JitterStatistics {
    const tally = this.#tally;
    return {
      received: tally.received,
      played: tally.count('played'),
      late: tally.count('late'),
      lost: tally.count('lost'),
      recovered: tally.count('recovered'),
      duplicate: tally.duplicate,
      reordered: tally.reordered,
      overflowed: tally.overflowed,
      concealedMs: tally.concealedMs,
      stretchedMs: tally.stretchedMs,
      compressedMs: tally.compressedMs,
      targetDelayMs: this.targetDelayMs,
      delayMs: this.delayMs,
      clockDriftPpm: this.#drift.driftPpm,
    };
  }

  #measure(arrivedAt: number, sentAt: number): void {
    let delayMs = this.#drift.add(arrivedAt, sentAt);
    if (delayMs > LONGEST_DELAY_MS) {
      this.#drift.restart();
      delayMs = this.#drift.add(arrivedAt, sentAt);
    }
    this.#estimator.add(delayMs);
  }

  #pushCopy(frame: JitterFrame): void {
    if (!this.#window.holds(frame) || frame.extendedSequenceNumber < this.#next) return;
    if (this.#store.get(frame.extendedSequenceNumber)) return;
    const sentAt = this.#timeline.place(frame);
    if (sentAt === undefined) return;
    this.#makeRoom(frame.extendedSequenceNumber);
    this.#store.put(frame, sentAt);
  }

  #place(frame: JitterFrame): number {
    const sentAt = this.#timeline.place(frame);
    if (sentAt !== undefined) return sentAt;
    // How long the sender's clock stood still is unknown, so delays are measured anew.
    this.#drift.restart();
    return this.#timeline.rebase(frame);
  }

  /** @returns whether the packet came for the first time */
  #admit(frame: JitterFrame, sentAt: number): boolean {
    const sequence = frame.extendedSequenceNumber;
    if (sequence < this.#next && !this.#isPlaying) this.#next = sequence;
    if (sequence < this.#next) return this.#tally.comeLate(sequence);
    if (this.#store.get(sequence)?.isRedundant === false) {
      this.#tally.duplicate += 1;
      return false;
    }
    this.#makeRoom(sequence);
    if (!this.#store.put(frame, sentAt)) this.#tally.overflowed += 1;
    return true;
  }

  /** Passes over the oldest, so that this number fits into the store. */
  #makeRoom(sequence: number): void {
    while (sequence - this.#next >= this.#store.capacity) this.#passOver();
  }

  #restart(sequence: number): void {
    this.#tally.overflowed += this.#store.clear();
    this.#tally.restart();
    this.#timeline.restart();
    this.#drift.restart();
    this.#isPlaying = false;
    this.#next = sequence;
    this.#settleWait(0);
    this.#owedMs = 0;
    this.#mayBeSilent = false;
  }

  /** How long after the earliest possible moment of its arrival a sound is asked for. */
  #delayOf(sentAt: number, now: number): number {
    return now - sentAt - this.#drift.leastTransitAt(now);
  }

  #begin(head: StoredPacket, now: number): boolean {
    if (this.#delayOf(head.sentAt, now) < this.#estimator.targetMs) return false;
    this.#isPlaying = true;
    this.#position = head.sentAt;
    return true;
  }

  #starve(): PlayoutStep {
    if (!this.#isPlaying || this.#mayBeSilent) return this.#steps.nothing;
    if (this.#waitedMs >= STALL_MS) {
      this.#owedMs = Number.POSITIVE_INFINITY;
      return this.#steps.nothing;
    }
    this.#waitedMs += WAIT_MS;
    this.#owedMs += WAIT_MS;
    return this.#steps.wait(WAIT_MS);
  }

  /** Leaves out old sound: what piled up during a wait, and what is beyond the target by the greatest delay. */
  #catchUp(head: StoredPacket, now: number): StoredPacket {
    let first = head;
    while (this.#isOld(first, now)) {
      const following = this.#store.firstFrom(first.extendedSequenceNumber + 1);
      // Where it is all there is, the network is as slow as that, and to leave it out would leave nothing.
      if (!following) break;
      while (this.#next < following.extendedSequenceNumber) this.#passOver();
      this.#owedMs = Math.max(0, this.#owedMs - this.#timeline.frameMs);
      first = following;
    }
    return first;
  }

  #isOld(packet: StoredPacket, now: number): boolean {
    const isOwed = this.#owedMs >= this.#timeline.frameMs;
    const beyondTargetMs = isOwed ? KEEP_MS : this.#maxDelayMs;
    return this.#delayOf(packet.sentAt, now) > this.#estimator.targetMs + beyondTargetMs;
  }

  /** The turn of the next number passes without sound. */
  #passOver(): void {
    const packet = this.#store.take(this.#next);
    this.#tally.pass(this.#next, packet && !packet.isRedundant ? 'late' : 'lost');
    this.#position = (packet?.sentAt ?? this.#position) + this.#timeline.frameMs;
    this.#next += 1;
  }

  #playFrom(head: StoredPacket, now: number, playing: PlayingState): PlayoutStep {
    const missing = head.extendedSequenceNumber - this.#next;
    if (missing === 1 && head.hasFec) return this.#recover(head);
    const earlyMs = this.#estimator.targetMs - this.#delayOf(head.sentAt, now);
    if (missing > 0 && earlyMs > 0) return this.#conceal(earlyMs);
    while (this.#next < head.extendedSequenceNumber) this.#passOver();
    const silenceMs = head.sentAt - this.#position;
    if (silenceMs > this.#timeline.frameMs / 2 && earlyMs > 0) return this.#steps.nothing;
    return this.#play(head, now, playing);
  }

  #recover(carrier: StoredPacket): PlayoutStep {
    this.#settleWait(0);
    this.#tally.pass(this.#next, 'recovered');
    this.#next += 1;
    this.#position += this.#timeline.frameMs;
    return this.#steps.recover(carrier, this.#timeline.frameMs);
  }

  #conceal(earlyMs: number): PlayoutStep {
    this.#passOver();
    this.#settleWait(0);
    const durationMs = Math.min(this.#timeline.frameMs, Math.max(WAIT_MS, earlyMs));
    this.#tally.concealedMs += durationMs;
    return this.#steps.lost(durationMs);
  }

  #play(head: StoredPacket, now: number, playing: PlayingState): PlayoutStep {
    this.#settleWait(head.sentAt - this.#position);
    const delayMs = this.#delayOf(head.sentAt, now);
    this.#delayMs = delayMs + playing.readyMs;
    this.#tally.pass(this.#next, head.isRedundant ? 'recovered' : 'played');
    this.#store.take(this.#next);
    this.#next += 1;
    this.#position = head.sentAt + this.#timeline.frameMs;
    this.#mayBeSilent = head.isDtx;
    if (delayMs <= this.#estimator.targetMs) this.#owedMs = 0;
    return this.#steps.frame(head, this.#stretchFor(delayMs, playing));
  }

  /** What was made up while waiting was concealed, as far as the far end was not silent. */
  #settleWait(silenceMs: number): void {
    this.#tally.concealedMs += Math.max(0, this.#waitedMs - Math.max(0, silenceMs));
    this.#waitedMs = 0;
  }

  /**
   * A receiver asks at beats, so stretching moves what is ready, and the delay at which it asks only by whole beats:
   * above the target what is ready is of no use, and each whole beat besides.
   */
  #stretchFor(delayMs: number, { readyMs, isSilent }: PlayingState): number {
    const excessMs = delayMs - this.#estimator.targetMs + ON_TARGET_MS;
    const beatsMs = Math.floor(excessMs / BEAT_MS) * BEAT_MS;
    const wishMs = excessMs < 0 ? ON_TARGET_MS - excessMs : -(readyMs + beatsMs);
    if (!isSilent && Math.abs(wishMs) < SPEECH_TOLERANCE_MS) return 0;
    const { frameMs } = this.#timeline;
    return Math.max(-frameMs, Math.min(frameMs, wishMs));
  }
}

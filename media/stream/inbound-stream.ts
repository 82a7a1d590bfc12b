// What arrives from one party, across changes of its SSRC: loss, jitter, and how good it sounded second by second.
import { type BurstGap, BurstGapCounter, type OrderedLosses, type QualityHistory } from '../quality/index.ts';
import type { ReportBlock, SenderReport } from '../rtcp/index.ts';
import {
  createJitterState,
  createSourceState,
  extendedHighest,
  extendSequence,
  type JitterState,
  jitterMs,
  lostPackets,
  MAX_DROPOUT,
  restartJitter,
  type SequenceVerdict,
  type SourceState,
  takeFractionLost,
  totalExpected,
  totalReceived,
  updateJitter,
  updateSequence,
} from '../rtp/index.ts';
import { ClockLine } from './clock-line.ts';
import { LossWindow } from './loss-window.ts';
import { middleNtpOf } from './ntp.ts';
import { SecondRatings, type SecondRatingsOptions } from './second-ratings.ts';

const SECOND_MS = 1000;
/** Before the first second has passed. */
const DEFAULT_PACKET_MS = 20;

/** What every packet changes, in one object: with thousands of streams each object is a fetch from memory. */
interface Reception extends SourceState, JitterState {
  /** Of the packets before the highest, as {@link LossWindow} has it; 0 where none is missing. */
  missing: number;
  /** Of the packets of this second, in ticks modulo 2^32; undefined before the first. */
  leastTransit: number | undefined;
}

/** Counts of one party; made once, costs no object a packet. */
export class InboundStream {
  /** Of the sound that comes, or before it does, of what was agreed on: what its losses are rated by. */
  encoding: string | undefined;
  readonly #options: SecondRatingsOptions;
  readonly #seconds: SecondRatings;
  /** Signed: past 2^31 it would be an object of its own, to be fetched for every packet. */
  #signedSsrc = 0;
  #priorSsrc: number | undefined;
  #reception: Reception | undefined;
  #maxJitterMs = 0;
  /** Expected and received of earlier SSRCs. */
  #priorExpected = 0;
  #priorReceived = 0;
  #priorOvertaken = 0;
  #secondStartedAt: number | undefined;
  /** Only of a stream that misses something. */
  #window: LossWindow | undefined;
  readonly #clock = new ClockLine();
  #clockBase: number | undefined;
  #lastSr = 0;
  #lastSrAt = 0;

  constructor(options: SecondRatingsOptions) {
    this.#options = options;
    this.#seconds = new SecondRatings(options);
  }

  /** Of the packets that come now; undefined before the first. */
  get ssrc(): number | undefined {
    return this.#reception && this.#signedSsrc >>> 0;
  }

  /** Of the packets before those; undefined where there were none. */
  get priorSsrc(): number | undefined {
    return this.#priorSsrc;
  }

  get expected(): number {
    return this.#priorExpected + (this.#reception ? totalExpected(this.#reception) : 0);
  }

  get received(): number {
    return this.#priorReceived + (this.#reception ? totalReceived(this.#reception) : 0);
  }

  /** Packets that came behind a later one. */
  get overtaken(): number {
    return this.#priorOvertaken + (this.#reception?.overtaken ?? 0);
  }

  get jitterMs(): number | null {
    const reception = this.#reception;
    if (!reception || (reception.transit === undefined && this.received < 2)) return null;
    return jitterMs(reception);
  }

  get maxJitterMs(): number | null {
    return this.jitterMs === null ? null : this.#maxJitterMs;
  }

  /** The sender's clock against ours: positive where it is fast; null before half a minute has passed. */
  get clockDriftPpm(): number | null {
    return this.#clock.driftPpm;
  }

  /** Bursts and gaps of what was not heard: lost, and where something plays it also what came too late. */
  get burstGap(): BurstGap | null {
    return this.#losses.at(this.expected, this.#seconds.packetMs ?? DEFAULT_PACKET_MS);
  }

  /** BurstR of what was not heard, at least 1. */
  get burstRatio(): number {
    return this.#losses.burstRatio(this.expected);
  }

  /**
   * Takes one packet.
   *
   * @param ssrc - a new one begins a new source (RFC 3550 §8.2: signaling vouches for it, so without probation)
   * @param clockRateHz - of its payload type
   * @param isEvent - the packets of one event share one timestamp (RFC 4733 §2.3): no measure of jitter
   */
  receive(
    now: number,
    ssrc: number,
    sequenceNumber: number,
    timestamp: number,
    clockRateHz: number,
    isEvent = false,
  ): SequenceVerdict {
    // First, for the packet that ends a second belongs to the next one.
    this.#secondStartedAt ??= now;
    if (now - this.#secondStartedAt >= SECOND_MS) this.#closeSeconds(now, this.#secondStartedAt);
    const known = (ssrc | 0) === this.#signedSsrc ? this.#reception : undefined;
    const reception = known ?? this.#begin(ssrc, sequenceNumber, clockRateHz);
    const step = (sequenceNumber - reception.maxSequence) & 0xffff;
    const verdict = updateSequence(reception, sequenceNumber);
    if (step !== 1 || reception.missing !== 0) this.#noteOrder(reception, step, verdict);
    if (verdict === 'restart') this.#restartClock(reception);
    if (verdict !== 'suspect' && !isEvent) {
      this.#noteTransit(reception, now, timestamp, clockRateHz);
      const smoothedMs = jitterMs(reception);
      if (smoothedMs > this.#maxJitterMs) this.#maxJitterMs = smoothedMs;
    }
    return verdict;
  }

  /** The number of a packet with its cycles; the packet was taken in already. */
  extendedSequenceOf(sequenceNumber: number): number {
    return this.#reception ? extendSequence(this.#reception, sequenceNumber) : sequenceNumber;
  }

  /** The sender says what time its packets have; kept for our next report. */
  handleSenderReport(now: number, report: SenderReport): void {
    this.#lastSr = middleNtpOf(report);
    this.#lastSrAt = now;
  }

  /** Our report on what came, for the next RTCP; moves the interval of the fraction lost. */
  reportBlock(now: number): ReportBlock | undefined {
    const reception = this.#reception;
    if (!reception || reception.received === 0) return undefined;
    return {
      ssrc: this.#signedSsrc >>> 0,
      fractionLost: takeFractionLost(reception),
      cumulativeLost: lostPackets(reception),
      extendedHighestSequenceNumber: extendedHighest(reception) >>> 0,
      interarrivalJitter: Math.floor(reception.interarrivalJitter) >>> 0,
      lastSr: this.#lastSr,
      delaySinceLastSr:
        this.#lastSr === 0 ? 0 : Math.floor(((now - this.#lastSrAt) * 65536) / SECOND_MS) >>> 0,
    };
  }

  /** Ratings of each second so far; null where nothing came. */
  history(): QualityHistory {
    return this.#seconds.history();
  }

  /** Of what was not heard so far, if nothing of it comes any more. */
  get #losses(): OrderedLosses {
    const { playout } = this.#options;
    const lost = this.#window?.lossesAt(this.#reception?.missing ?? 0, this.expected);
    return playout?.losses ?? lost ?? new BurstGapCounter();
  }

  #begin(ssrc: number, sequenceNumber: number, clockRateHz: number): Reception {
    const before = this.#reception;
    if (before) {
      this.#priorSsrc = this.ssrc;
      this.#priorExpected += totalExpected(before);
      this.#priorReceived += totalReceived(before);
      this.#priorOvertaken += before.overtaken;
      this.#settleMissing(before, this.#priorExpected);
      this.#restartClock(before);
    }
    // The jitter goes on over a change of SSRC: the way is the same.
    const reception = before
      ? Object.assign(before, createSourceState(sequenceNumber, 1))
      : createReception(createSourceState(sequenceNumber, 1), createJitterState(clockRateHz));
    this.#reception = reception;
    this.#signedSsrc = ssrc | 0;
    this.#lastSr = 0;
    return reception;
  }

  /** A number came out of order, or while others are missing. @param step - from the highest before, modulo 2^16 */
  #noteOrder(reception: Reception, step: number, verdict: SequenceVerdict): void {
    if (verdict === 'suspect' || step === 0) return;
    if (verdict === 'restart') return this.#settleMissing(reception, this.expected - 1);
    this.#window ??= new LossWindow();
    const { missing } = reception;
    if (step < MAX_DROPOUT) reception.missing = this.#window.advance(missing, this.expected - step, step);
    else reception.missing = this.#window.arriveLate(missing, 0x1_0000 - step);
  }

  /** @param highest - the place of the last packet of what ended */
  #settleMissing(reception: Reception, highest: number): void {
    if (reception.missing !== 0) this.#window?.settle(reception.missing, highest);
    reception.missing = 0;
  }

  #noteTransit(reception: Reception, now: number, timestamp: number, clockRateHz: number): void {
    if (clockRateHz !== reception.clockRateHz) this.#restartClock(reception);
    updateJitter(reception, now, timestamp, clockRateHz);
    const { transit = 0, leastTransit } = reception;
    // Differences modulo 2^32, so that neither clock's wrap shows.
    if (leastTransit === undefined || ((transit - leastTransit) | 0) < 0) reception.leastTransit = transit;
  }

  #restartClock(reception: Reception): void {
    restartJitter(reception);
    reception.leastTransit = undefined;
    this.#clockBase = undefined;
    this.#clock.restart();
  }

  /** Seconds are closed by the first packet after them: an idle stream costs no timer. */
  #closeSeconds(now: number, startedAt: number): void {
    const seconds = Math.floor((now - startedAt) / SECOND_MS);
    const { encoding, expected, received } = this;
    const losses = this.#window || this.#options.playout?.losses ? this.#losses : undefined;
    this.#seconds.close({ encoding, expected, received, losses }, seconds - 1);
    this.#secondStartedAt = startedAt + seconds * SECOND_MS;
    const reception = this.#reception;
    if (reception?.leastTransit === undefined) return;
    this.#clockBase ??= reception.leastTransit;
    const ticks = (reception.leastTransit - this.#clockBase) | 0;
    this.#clock.add(startedAt, (ticks * 1000) / reception.clockRateHz);
    reception.leastTransit = undefined;
  }
}

/**
 * Every property by its name: an object that gets so many of them by copying is a table of strings to the engine, and its
 * packets cost forty times as much.
 */
function createReception(source: SourceState, jitter: JitterState): Reception {
  return {
    probation: source.probation,
    maxSequence: source.maxSequence,
    cycles: source.cycles,
    baseSequence: source.baseSequence,
    badSequence: source.badSequence,
    received: source.received,
    priorExpectedTotal: source.priorExpectedTotal,
    priorReceivedTotal: source.priorReceivedTotal,
    reportedExpected: source.reportedExpected,
    reportedReceived: source.reportedReceived,
    restarts: source.restarts,
    overtaken: source.overtaken,
    transit: jitter.transit,
    clockRateHz: jitter.clockRateHz,
    interarrivalJitter: jitter.interarrivalJitter,
    missing: 0,
    leastTransit: undefined,
  };
}

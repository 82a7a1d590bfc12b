// What arrives from one party, across changes of its SSRC: loss, jitter, and how good it sounded second by second.
import { codecImpairment, MosHistory, mosFromR, rFactor } from '../quality/index.ts';
import type { ReportBlock, SenderReport } from '../rtcp/index.ts';
import {
  createJitterState,
  createSourceState,
  extendedHighest,
  extendSequence,
  type JitterState,
  jitterMs,
  lostPackets,
  restartJitter,
  type SequenceVerdict,
  type SourceState,
  takeFractionLost,
  totalExpected,
  totalReceived,
  updateJitter,
  updateSequence,
} from '../rtp/index.ts';

const SECOND_MS = 1000;

/** What every packet changes, in one object: with thousands of streams each object is a fetch from memory. */
type Reception = SourceState & JitterState;

/** Counts of one party; made once, costs no object a packet. */
export class InboundStream {
  /** Loss-conscious name of the codec that came last. */
  encoding: string | undefined;
  /** Whether losses are concealed: decides the impairment of G.711. */
  readonly #concealment: boolean;
  readonly #history = new MosHistory();
  /** Signed: past 2^31 it would be an object of its own, to be fetched for every packet. */
  #signedSsrc = 0;
  #reception: Reception | undefined;
  #maxJitterMs = 0;
  /** Expected and received of earlier SSRCs. */
  #priorExpected = 0;
  #priorReceived = 0;
  #priorOvertaken = 0;
  #secondStartedAt: number | undefined;
  #secondExpected = 0;
  #secondReceived = 0;
  #lastSr = 0;
  #lastSrAt = 0;

  constructor(options: { readonly concealment: boolean }) {
    this.#concealment = options.concealment;
  }

  /** Of the packets that come now; undefined before the first. */
  get ssrc(): number | undefined {
    return this.#reception && this.#signedSsrc >>> 0;
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
    this.#rateSeconds(now);
    const known = (ssrc | 0) === this.#signedSsrc ? this.#reception : undefined;
    const reception = known ?? this.#begin(ssrc, sequenceNumber, clockRateHz);
    const verdict = updateSequence(reception, sequenceNumber);
    if (verdict === 'restart') restartJitter(reception);
    if (verdict !== 'suspect' && !isEvent) {
      updateJitter(reception, now, timestamp, clockRateHz);
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
    // RFC 3550 §6.4.1: the middle 32 bits of the NTP time.
    this.#lastSr = (((report.ntpSeconds & 0xffff) << 16) | (report.ntpFraction >>> 16)) >>> 0;
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

  /** MOS of each second so far; null where nothing came. */
  history(): { readonly values: (number | null)[]; readonly intervalMs: number } {
    return { values: this.#history.values(), intervalMs: this.#history.intervalMs };
  }

  #begin(ssrc: number, sequenceNumber: number, clockRateHz: number): Reception {
    const before = this.#reception;
    if (before) {
      this.#priorExpected += totalExpected(before);
      this.#priorReceived += totalReceived(before);
      this.#priorOvertaken += before.overtaken;
      restartJitter(before);
    }
    // The jitter goes on over a change of SSRC: the way is the same.
    const reception = Object.assign(
      before ?? createJitterState(clockRateHz),
      createSourceState(sequenceNumber, 1),
    );
    this.#reception = reception;
    this.#signedSsrc = ssrc | 0;
    this.#lastSr = 0;
    return reception;
  }

  /** Seconds are closed by the first packet after them: an idle stream costs no timer. */
  #rateSeconds(now: number): void {
    this.#secondStartedAt ??= now;
    const elapsed = now - this.#secondStartedAt;
    if (elapsed < SECOND_MS) return;
    const expected = this.expected - this.#secondExpected;
    const received = this.received - this.#secondReceived;
    this.#history.addSecond(this.#mosOf(expected, received));
    const gap = Math.floor(elapsed / SECOND_MS) - 1;
    if (gap > 0) this.#history.addGap(gap);
    this.#secondStartedAt += (gap + 1) * SECOND_MS;
    this.#secondExpected = this.expected;
    this.#secondReceived = this.received;
  }

  #mosOf(expected: number, received: number): number | null {
    const codec = codecImpairment(this.encoding ?? '', this.#concealment);
    if (!codec || expected <= 0) return null;
    const lossRatio = Math.min(1, Math.max(0, (expected - received) / expected));
    return mosFromR(rFactor(codec, lossRatio, 0));
  }
}

// What a sender does about loss, from the reports of the far end: sans-I/O.
//
// | the report says                              | the way is | bitrate             | in-band FEC   | RED      |
// | -------------------------------------------- | ---------- | ------------------- | ------------- | -------- |
// | loss under 1 %                               | clean      | up to the usual     | off           | none     |
// | loss from 1 %, the round trip as ever        | lossy      | up to the usual     | for that loss | none     |
// | from 3 %                                     | lossy      | up to two thirds    | for that loss | one copy |
// | from 15 %                                    | lossy      | up to half          | for that loss | two      |
// | the round trip grew; or the loss, since      | congested  | falls by 0.7 each   | for that loss | none     |
// | copies are sent, by more than chance         |            | report              |               |          |
//
// Loss is believed at once and forgotten over 12 s, and a step down needs less loss than the step up did. After
// congestion nothing rises for a while, and each time again for twice as long. A lie costs us two small copies and
// some quality towards the liar, no more: every answer has a floor and a ceiling.
import type { RedLevel } from '../red/index.ts';
import { CopyTrial } from './copy-trial.ts';
import { LossEstimate } from './loss-estimate.ts';
import { QueueEstimate } from './queue-estimate.ts';
import type { Reception } from './types.ts';

/** What to send now. */
export interface SendingAdvice {
  /** Of the encoder's usual bitrate: {@link MIN_BITRATE_RATIO} to 1. */
  readonly bitrateRatio: number;
  /** 0 to {@link MAX_EXPECTED_LOSS_RATIO}; 0 for no in-band FEC. */
  readonly expectedLossRatio: number;
  readonly redLevel: RedLevel;
}

/** Of 40 kbit/s 12: the headers of 50 packets a second, 16 kbit/s, are then most of what is sent. */
export const MIN_BITRATE_RATIO = 0.3;
/** An encoder that expects more spends so much on FEC that nothing is left for the sound. */
export const MAX_EXPECTED_LOSS_RATIO = 0.3;

/** Loss ratios from which FEC and copies are sent, and to which they go on: [on, off]. */
const FEC_LOSS = [0.01, 0.005] as const;
const ONE_COPY_LOSS = [0.03, 0.01] as const;
const TWO_COPIES_LOSS = [0.15, 0.08] as const;

/** A queue is what exceeds this, and three times the jitter, which moves round trips by itself. */
const QUEUE_MS = 60;
const MAX_JITTER_MS = 100;
const FALL_FACTOR = 0.7;
/** Reports may come faster than queues drain. */
const FALL_EVERY_MS = 1000;
const RISE_PER_SECOND = 0.025;
/** How long nothing rises after congestion: the first time, at most, and when the first time comes again. */
const HOLD_MS = 10_000;
const MAX_HOLD_MS = 80_000;
const FORGET_HOLD_MS = 120_000;

/** Answers the reports on one stream. */
export class LossResponse {
  readonly #loss = new LossEstimate();
  readonly #queue = new QueueEstimate();
  #advice: SendingAdvice = { bitrateRatio: 1, expectedLossRatio: 0, redLevel: 0 };
  /** What loss alone asks for. */
  #level: RedLevel = 0;
  /** Of copies that were just begun. */
  #trial: CopyTrial | undefined;
  #reportedAt: number | undefined;
  #congestedAt: number | undefined;
  #fellAt: number | undefined;
  #holdMs = HOLD_MS;

  get advice(): SendingAdvice {
    return this.#advice;
  }

  /** @returns the advice: the same object where nothing changed */
  handleReport(now: number, report: Reception): SendingAdvice {
    const reception = { ...report, lossRatio: clamp(report.lossRatio, 0, 1) };
    this.#loss.take(now, reception.lossRatio, reception.packets);
    this.#level = levelFor(this.#loss.ratio, this.#level);
    const isCongested = this.#isCongested(now, reception);
    if (isCongested) this.#handleCongestion(now);
    const bitrateRatio = this.#bitrateRatioAt(now, isCongested);
    this.#reportedAt = now;
    const redLevel = this.#isHolding(now) ? 0 : this.#levelAfter(reception);
    if (redLevel > this.#advice.redLevel) this.#trial = new CopyTrial(reception);
    return this.#advise({ bitrateRatio, expectedLossRatio: this.#expectedLossRatio(), redLevel });
  }

  /** A rise needs loss in the report itself: what is remembered may have been the loss of a queue that is gone. */
  #levelAfter({ lossRatio }: Reception): RedLevel {
    const { redLevel } = this.#advice;
    const reported = levelFor(lossRatio, redLevel);
    return reported > redLevel ? min(reported, this.#level) : min(redLevel, this.#level);
  }

  #isCongested(now: number, reception: Reception): boolean {
    const { roundTripMs, jitterMs } = reception;
    const jitterSlackMs = 3 * clamp(jitterMs, 0, MAX_JITTER_MS);
    const hasQueue = roundTripMs !== null && this.#queue.take(now, roundTripMs) > QUEUE_MS + jitterSlackMs;
    const haveCopiesHarmed = this.#trial?.take(reception) ?? false;
    return hasQueue || haveCopiesHarmed;
  }

  #handleCongestion(now: number): void {
    this.#trial = undefined;
    const calmMs = now - (this.#congestedAt ?? Number.NEGATIVE_INFINITY);
    if (calmMs > FORGET_HOLD_MS) this.#holdMs = HOLD_MS;
    else if (calmMs >= this.#holdMs) this.#holdMs = Math.min(MAX_HOLD_MS, 2 * this.#holdMs);
    this.#congestedAt = now;
  }

  #isHolding(now: number): boolean {
    return this.#congestedAt !== undefined && now - this.#congestedAt < this.#holdMs;
  }

  /** Copies are paid for with bitrate, in part; and where none are sent, loss may be the bitrate's own fault. */
  #bitrateRatioAt(now: number, isCongested: boolean): number {
    const ceiling = 1 / (1 + this.#level / 2);
    const ratio = Math.min(ceiling, this.#advice.bitrateRatio);
    if (isCongested) return this.#fallenAt(now, ratio);
    if (this.#isHolding(now)) return ratio;
    const elapsedMs = now - (this.#reportedAt ?? now);
    return Math.min(ceiling, ratio + (RISE_PER_SECOND * elapsedMs) / 1000);
  }

  #fallenAt(now: number, ratio: number): number {
    if (now - (this.#fellAt ?? Number.NEGATIVE_INFINITY) < FALL_EVERY_MS) return ratio;
    this.#fellAt = now;
    return Math.max(MIN_BITRATE_RATIO, FALL_FACTOR * ratio);
  }

  /** In whole percents, as encoders take it. */
  #expectedLossRatio(): number {
    const ratio = this.#loss.ratio;
    if (!isOver(FEC_LOSS, ratio, this.#advice.expectedLossRatio > 0)) return 0;
    return clamp(Math.round(100 * ratio) / 100, FEC_LOSS[0], MAX_EXPECTED_LOSS_RATIO);
  }

  #advise(next: SendingAdvice): SendingAdvice {
    const advice = this.#advice;
    const isSame =
      next.bitrateRatio === advice.bitrateRatio &&
      next.expectedLossRatio === advice.expectedLossRatio &&
      next.redLevel === advice.redLevel;
    if (!isSame) this.#advice = next;
    return this.#advice;
  }
}

function levelFor(lossRatio: number, level: RedLevel): RedLevel {
  if (isOver(TWO_COPIES_LOSS, lossRatio, level >= 2)) return 2;
  return isOver(ONE_COPY_LOSS, lossRatio, level >= 1) ? 1 : 0;
}

function min(a: RedLevel, b: RedLevel): RedLevel {
  return a < b ? a : b;
}

function isOver([on, off]: readonly [number, number], ratio: number, isOn: boolean): boolean {
  return ratio >= (isOn ? off : on);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Number.isFinite(value) ? value : low));
}

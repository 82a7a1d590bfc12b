// When each packet was sent, on the sender's own clock: RTP timestamps without their wraps and leaps.
import type { JitterFrame } from './types.ts';

/** What a packet covers until two in sequence have shown it. */
const DEFAULT_FRAME_MS = 20;
/** The longest packet of speech that is in use (RFC 6716 §3.2.5: Opus up to 120 ms). */
const MAX_FRAME_MS = 120;
/** A packet that claims to be sent so much later than its arrival allows has a timestamp that leapt. */
const LEAP_MS = 1000;

/** Maps timestamps to milliseconds, from 0 at the first packet of a stream. */
export class SenderTimeline {
  #sequence = -1;
  #timestamp = 0;
  #sentAt = 0;
  #arrivedAt = 0;
  #clockRateHz = 0;
  #frameMs = DEFAULT_FRAME_MS;
  #candidateMs = 0;

  /** Time that one packet covers, in milliseconds, as its neighbours in sequence show it. */
  get frameMs(): number {
    return this.#frameMs;
  }

  /** Forgets the stream; the length of a packet is likely to stay. */
  restart(): void {
    this.#sequence = -1;
  }

  /** @returns when it was sent, in milliseconds; undefined where the timestamp leapt, see {@link rebase} */
  place(frame: JitterFrame): number | undefined {
    if (this.#sequence < 0) return this.#keep(frame, 0);
    if (frame.clockRateHz !== this.#clockRateHz && !frame.isRedundant) return undefined;
    // Modulo 2^32, so that the wrap does not show.
    const stepMs = (((frame.timestamp - this.#timestamp) | 0) * 1000) / this.#clockRateHz;
    const steps = frame.extendedSequenceNumber - this.#sequence;
    if (steps <= 0 || frame.isRedundant) return this.#sentAt + this.#aside(stepMs, steps);
    if (this.#isLeap(frame, stepMs, steps)) return undefined;
    this.#measure(stepMs, steps);
    return this.#keep(frame, this.#sentAt + stepMs);
  }

  /** Lets a packet whose timestamp leapt follow the highest one as if it had not. */
  rebase(frame: JitterFrame): number {
    const steps = Math.max(1, frame.extendedSequenceNumber - this.#sequence);
    return this.#keep(frame, this.#sentAt + steps * this.#frameMs);
  }

  /** Back in time, or so far ahead that it would have been sent after it arrived. */
  #isLeap(frame: JitterFrame, stepMs: number, steps: number): boolean {
    if (stepMs < 0) return true;
    return stepMs > steps * MAX_FRAME_MS && stepMs > frame.arrivedAt - this.#arrivedAt + LEAP_MS;
  }

  /** A packet out of order, or a copy of one, moves nothing, and stands where its number allows. */
  #aside(stepMs: number, steps: number): number {
    const isPlausible = steps < 0 ? stepMs < 0 && stepMs >= steps * LEAP_MS : stepMs <= (steps + 1) * LEAP_MS;
    return isPlausible && stepMs * steps >= 0 ? stepMs : steps * this.#frameMs;
  }

  /** Twice the same, so that one silence between two packets does not count as a longer packet. */
  #measure(stepMs: number, steps: number): void {
    if (steps !== 1 || stepMs <= 0 || stepMs > MAX_FRAME_MS) return;
    if (stepMs === this.#candidateMs) this.#frameMs = stepMs;
    this.#candidateMs = stepMs;
  }

  #keep(frame: JitterFrame, sentAt: number): number {
    this.#sequence = frame.extendedSequenceNumber;
    this.#timestamp = frame.timestamp;
    this.#clockRateHz = frame.clockRateHz;
    this.#arrivedAt = frame.arrivedAt;
    this.#sentAt = sentAt;
    return sentAt;
  }
}

// Sends digits to one party as telephone-events (RFC 4733), in the place of sound.
import type { PayloadFormat } from '../engine/types.ts';
import type { Leg } from '../leg/index.ts';
import { TelephoneEventSender } from '../telephone-event/index.ts';
import { PacketStream } from '../transcode/packet-stream.ts';
import type { Player, PlayerOutcome } from './player.ts';

const BEAT_MS = 20;
/** Well over the 40 ms that every receiver takes. */
const DIGIT_MS = 100;
const DIGIT_PAUSE_MS = 80;

export interface DigitPlayerOptions {
  readonly leg: Leg;
  readonly digits: string;
  readonly events: PayloadFormat;
  /** Of the sound in whose stream the events stand. */
  readonly soundClockRateHz: number;
  /** Called once: all were sent, or it was stopped. */
  onDone(outcome: PlayerOutcome): void;
}

export class DigitPlayer implements Player {
  readonly #options: DigitPlayerOptions;
  readonly #stream: PacketStream;
  readonly #sender: TelephoneEventSender;
  #startedAt = 0;
  #nextAt: number;
  #isDone = false;

  constructor(now: number, options: DigitPlayerOptions) {
    const ticksPerMs = options.events.clockRateHz / 1000;
    this.#options = options;
    this.#stream = new PacketStream(options.leg);
    this.#sender = new TelephoneEventSender(BEAT_MS * ticksPerMs, DIGIT_MS * ticksPerMs);
    this.#sender.push(options.digits);
    this.#nextAt = now;
  }

  nextTimeoutAt(): number | undefined {
    return this.#isDone ? undefined : this.#nextAt;
  }

  handleTimeout(now: number): void {
    if (this.#isDone || now < this.#nextAt) return;
    const packet = this.#sender.next();
    if (!packet) return this.stop();
    const { payload, marker, isLast } = packet;
    if (marker) this.#startedAt = this.#stream.timestamp;
    const { payloadType } = this.#options.events;
    this.#stream.sendEvent(now, { payload, payloadType, marker, timestamp: this.#startedAt });
    this.#pass(isLast ? BEAT_MS + DIGIT_PAUSE_MS : BEAT_MS);
  }

  stop(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#options.onDone('done');
  }

  #pass(durationMs: number): void {
    this.#stream.advance((durationMs * this.#options.soundClockRateHz) / 1000);
    this.#nextAt += durationMs;
  }
}

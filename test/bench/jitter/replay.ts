// A receiver without sound: plays a trace through a buffer on a beat of 10 ms, and stretches as far as sound would allow.
import type { JitterFrame, PlayingState, PlayoutStep } from '../../../media/jitter/index.ts';
import { type Outcome, OutcomeMeter } from './outcome.ts';
import { isSilentAt, SPEECH_STRETCH_MS } from './talk.ts';
import { FRAME_MS, type Trace } from './trace.ts';

const BEAT_MS = 10;
const TICKS_PER_MS = 48;
const PAYLOAD = new Uint8Array(160);

/** What is compared: the real buffer, and the models beside it. */
export interface Contestant {
  push(now: number, frame: JitterFrame): void;
  pull(now: number, playing: PlayingState): PlayoutStep;
  handleStretched(ms: number): void;
}

export interface ReplayOptions {
  /** Whether each packet also carries a copy of the one before it (RFC 2198). */
  readonly hasRed?: boolean;
}

/** Plays the trace once. */
export function replay(trace: Trace, buffer: Contestant, options: ReplayOptions = {}): Outcome {
  const frames = framesOf(trace, options);
  const player = new Player(buffer, trace.delays.length * FRAME_MS);
  let next = 0;
  for (let now = 0; !player.isOver; now += BEAT_MS) {
    for (let frame = frames[next]; frame && frame.arrivedAt <= now; frame = frames[++next]) {
      buffer.push(frame.arrivedAt, frame);
    }
    player.beat(now);
    if (next === frames.length && now > (frames.at(-1)?.arrivedAt ?? 0) + 2000) break;
  }
  return player.meter.outcome(
    trace.delays.filter((delay) => delay >= 0).length,
    trace.delays.length * FRAME_MS,
  );
}

function framesOf(trace: Trace, { hasRed }: ReplayOptions): JitterFrame[] {
  const frames: JitterFrame[] = [];
  trace.delays.forEach((delay, sequence) => {
    if (Number.isNaN(delay)) return;
    const arrivedAt = sequence * FRAME_MS + delay;
    frames.push(frameOf(sequence, arrivedAt, false));
    if (hasRed && sequence > 0) frames.push(frameOf(sequence - 1, arrivedAt, true));
  });
  return frames.sort((a, b) => a.arrivedAt - b.arrivedAt);
}

function frameOf(sequence: number, arrivedAt: number, isRedundant: boolean): JitterFrame {
  return {
    payloadType: 0,
    payload: PAYLOAD,
    timestamp: sequence * FRAME_MS * TICKS_PER_MS,
    extendedSequenceNumber: sequence,
    ssrc: 1,
    marker: sequence === 0,
    arrivedAt,
    clockRateHz: TICKS_PER_MS * 1000,
    isRedundant,
  };
}

class Player {
  readonly meter = new OutcomeMeter();
  readonly #buffer: Contestant;
  readonly #endsAt: number;
  #readyMs = 0;
  /** When the sound that was decoded last was sent. */
  #sentAt = Number.NaN;

  constructor(buffer: Contestant, endsAt: number) {
    this.#buffer = buffer;
    this.#endsAt = endsAt;
  }

  get isOver(): boolean {
    return this.#sentAt >= this.#endsAt - FRAME_MS;
  }

  beat(now: number): void {
    while (this.#readyMs < BEAT_MS && !this.isOver) {
      const state = { readyMs: this.#readyMs, isSilent: isSilentAt(this.#sentAt) };
      this.#readyMs += this.#play(now + this.#readyMs, this.#buffer.pull(now, state));
    }
    this.#readyMs -= BEAT_MS;
  }

  /** @returns how long the step's sound lasts */
  #play(playAt: number, step: PlayoutStep): number {
    if (step.type === 'frame')
      return this.#decode(playAt, step.packet.timestamp / TICKS_PER_MS, step.stretchMs);
    const durationMs = step.type === 'nothing' ? BEAT_MS : step.durationMs;
    // Before the first packet nothing is missed; after it, silence instead of speech is, whatever it is called.
    if (step.type !== 'recover' && !Number.isNaN(this.#sentAt)) this.meter.conceal(durationMs);
    return durationMs;
  }

  #decode(playAt: number, sentAt: number, wishMs: number): number {
    this.#sentAt = sentAt;
    const limitMs = isSilentAt(sentAt) ? FRAME_MS : SPEECH_STRETCH_MS;
    const stretchMs = Math.max(-limitMs, Math.min(limitMs, wishMs));
    this.meter.play(playAt - sentAt);
    if (stretchMs !== 0) this.#buffer.handleStretched(stretchMs);
    return FRAME_MS + stretchMs;
  }
}

// Frames for tests of the jitter buffer, and a receiver that plays them on a beat of 10 ms.
import type { JitterBuffer, JitterFrame, PlayoutStep } from '../../../../media/jitter/index.ts';

export const FRAME_MS = 20;
export const CLOCK_RATE_HZ = 8000;
export const BEAT_MS = 10;

/** The packet with this number, sent 20 ms after its predecessor. */
export function frame(sequence: number, arrivedAt: number, more: Partial<JitterFrame> = {}): JitterFrame {
  return {
    payloadType: 0,
    payload: Uint8Array.of(sequence & 0xff, sequence >> 8),
    timestamp: (sequence * FRAME_MS * 8) >>> 0,
    extendedSequenceNumber: sequence,
    ssrc: 1,
    marker: false,
    arrivedAt,
    clockRateHz: CLOCK_RATE_HZ,
    ...more,
  };
}

/** A step as it was, for the buffer fills its own anew. */
export type Played = {
  readonly at: number;
  readonly type: PlayoutStep['type'];
  readonly sequence?: number;
  readonly durationMs: number;
};

/** Plays in real time: what is pulled lasts as long as the step says, and stretching does all that is asked. */
export class TestReceiver {
  readonly played: Played[] = [];
  isSilent = false;
  #readyMs = 0;
  readonly #buffer: JitterBuffer;

  constructor(buffer: JitterBuffer) {
    this.#buffer = buffer;
  }

  beat(now: number): void {
    while (this.#readyMs < BEAT_MS) {
      const at = now + this.#readyMs;
      const step = this.#buffer.pull(now, { readyMs: this.#readyMs, isSilent: this.isSilent });
      this.#readyMs += this.#play(at, step);
    }
    this.#readyMs -= BEAT_MS;
  }

  #play(at: number, step: PlayoutStep): number {
    const durationMs = durationOf(step);
    const { type } = step;
    if (step.type === 'frame' || step.type === 'recover') {
      this.played.push({ at, type, sequence: step.packet.extendedSequenceNumber, durationMs });
    } else this.played.push({ at, type, durationMs });
    if (step.type === 'frame') this.#buffer.handleStretched(step.stretchMs);
    return durationMs;
  }

  get sequences(): number[] {
    return this.played.flatMap(({ type, sequence }) =>
      type === 'frame' && sequence !== undefined ? [sequence] : [],
    );
  }
}

function durationOf(step: PlayoutStep): number {
  if (step.type === 'frame') return FRAME_MS + step.stretchMs;
  return step.type === 'nothing' ? BEAT_MS : step.durationMs;
}

/** Runs beats over the frames in order of their arrival, until some time after the last. */
export function play(buffer: JitterBuffer, frames: readonly JitterFrame[], tailMs = 500): TestReceiver {
  const receiver = new TestReceiver(buffer);
  const ordered = frames.toSorted((a, b) => a.arrivedAt - b.arrivedAt);
  const endsAt = (ordered.at(-1)?.arrivedAt ?? 0) + tailMs;
  let next = 0;
  for (let now = 0; now <= endsAt; now += BEAT_MS) {
    for (let frame = ordered[next]; frame && frame.arrivedAt <= now; frame = ordered[next]) {
      buffer.push(frame.arrivedAt, frame);
      next += 1;
    }
    receiver.beat(now);
  }
  return receiver;
}

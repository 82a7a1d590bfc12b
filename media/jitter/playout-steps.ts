// The steps that a buffer hands out: one object of each kind, filled anew, so that playing makes none.
import type { JitterPacket, PlayoutStep } from './types.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type StepOf<Type extends PlayoutStep['type']> = Mutable<Extract<PlayoutStep, { type: Type }>>;

const NO_PACKET: JitterPacket = {
  payloadType: 0,
  payload: new Uint8Array(0),
  timestamp: 0,
  extendedSequenceNumber: 0,
};

/** Each step is valid until the next of its kind. */
export class PlayoutSteps {
  readonly #frame: StepOf<'frame'> = { type: 'frame', packet: NO_PACKET, stretchMs: 0 };
  readonly #recover: StepOf<'recover'> = { type: 'recover', packet: NO_PACKET, durationMs: 0 };
  readonly #lost: StepOf<'lost'> = { type: 'lost', durationMs: 0 };
  readonly #wait: StepOf<'wait'> = { type: 'wait', durationMs: 0 };
  readonly nothing: PlayoutStep = { type: 'nothing' };

  frame(packet: JitterPacket, stretchMs: number): PlayoutStep {
    this.#frame.packet = packet;
    this.#frame.stretchMs = stretchMs;
    return this.#frame;
  }

  recover(packet: JitterPacket, durationMs: number): PlayoutStep {
    this.#recover.packet = packet;
    this.#recover.durationMs = durationMs;
    return this.#recover;
  }

  lost(durationMs: number): PlayoutStep {
    this.#lost.durationMs = durationMs;
    return this.#lost;
  }

  wait(durationMs: number): PlayoutStep {
    this.#wait.durationMs = durationMs;
    return this.#wait;
  }
}

// Plays encoded sound to one party, a packet a frame.
import type { PayloadFormat } from '../engine/types.ts';
import { isSameFormat, type Leg } from '../leg/index.ts';
import { missedMs, PacketStream } from '../transcode/packet-stream.ts';
import type { Payloads } from './encoded-sound.ts';
import type { Player, PlayerOutcome } from './player.ts';

export interface SoundPlayerOptions {
  readonly leg: Leg;
  readonly sound: Payloads;
  readonly format: PayloadFormat;
  /** Begins anew at the end. */
  readonly loop: boolean;
  /** Called once. */
  onDone(outcome: PlayerOutcome): void;
}

export class SoundPlayer implements Player {
  readonly #options: SoundPlayerOptions;
  readonly #stream: PacketStream;
  #index = 0;
  #nextAt: number;
  #isDone = false;

  constructor(now: number, options: SoundPlayerOptions) {
    this.#options = options;
    this.#stream = new PacketStream(options.leg);
    this.#nextAt = now;
  }

  nextTimeoutAt(): number | undefined {
    return this.#isDone ? undefined : this.#nextAt;
  }

  handleTimeout(now: number): void {
    if (this.#isDone || now < this.#nextAt) return;
    const { sound, format, leg } = this.#options;
    if (!isKnownTo(leg, format)) return this.#end('reformatted');
    const payload = this.#nextPayload();
    if (!payload) return this.#end('done');
    this.#stream.sendSound(now, format.payloadType, payload);
    // From the plan, not from `now`: a late beat must not shift all later ones.
    const passedMs = sound.frameMs + missedMs(now, this.#nextAt + sound.frameMs);
    this.#stream.advance(Math.round((format.clockRateHz * passedMs) / 1000));
    this.#nextAt += passedMs;
  }

  stop(): void {
    this.#end('done');
  }

  #end(outcome: PlayerOutcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#options.onDone(outcome);
  }

  #nextPayload(): Uint8Array | undefined {
    const { sound, loop } = this.#options;
    const next = sound.payloadAt(this.#index);
    if (!next && !loop) return undefined;
    this.#index = next ? this.#index + 1 : 1;
    return next ?? sound.payloadAt(0);
  }
}

/** SDP may have changed since the sound was encoded. */
function isKnownTo(leg: Leg, format: PayloadFormat): boolean {
  const { sendFormat } = leg;
  if (sendFormat === format) return true;
  return sendFormat?.payloadType === format.payloadType && isSameFormat(sendFormat, format);
}

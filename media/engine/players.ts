// Who hears something other than the peer: one player a leg, and a new one ends the one before.
import type { Leg } from '../leg/index.ts';
import {
  DigitPlayer,
  type DigitPlayerOptions,
  type Player,
  type PlayerOutcome,
  SoundPlayer,
  type SoundPlayerOptions,
} from '../tone/index.ts';

export interface PlayersOptions {
  now(): number;
  /** A player begins: its deadline is to be watched. */
  onStarted(player: Player): void;
  onDone(player: Player): void;
}

export class Players {
  readonly #options: PlayersOptions;
  readonly #playing = new Map<Leg, Player>();

  constructor(options: PlayersOptions) {
    this.#options = options;
  }

  /** Resolves when the sound was played or stopped. */
  playSound(options: Omit<SoundPlayerOptions, 'onDone'>): Promise<PlayerOutcome> {
    return this.#start(options.leg, (now, onDone) => new SoundPlayer(now, { ...options, onDone }));
  }

  /** Resolves when the digits were sent as telephone-events, or stopped. */
  playDigits(options: Omit<DigitPlayerOptions, 'onDone'>): Promise<PlayerOutcome> {
    return this.#start(options.leg, (now, onDone) => new DigitPlayer(now, { ...options, onDone }));
  }

  stop(leg: Leg): void {
    this.#playing.get(leg)?.stop();
  }

  #start(
    leg: Leg,
    make: (now: number, onDone: (outcome: PlayerOutcome) => void) => Player,
  ): Promise<PlayerOutcome> {
    this.stop(leg);
    leg.isPlaying = true;
    return new Promise((resolve) => {
      const player = make(this.#options.now(), (outcome) => {
        this.#playing.delete(leg);
        leg.isPlaying = false;
        this.#options.onDone(player);
        resolve(outcome);
      });
      this.#playing.set(leg, player);
      this.#options.onStarted(player);
    });
  }
}

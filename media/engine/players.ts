// Who hears something other than the peer: one player a leg, and a new one ends the one before.
import type { Leg } from '../leg/index.ts';
import {
  DigitPlayer,
  type DigitPlayerOptions,
  type Player,
  SoundPlayer,
  type SoundPlayerOptions,
} from '../tone/index.ts';

interface Playing {
  readonly player: Player;
  /** Resolves when the player is done. */
  readonly done: Promise<void>;
}

export interface PlayersOptions {
  now(): number;
  /** A player begins: its deadline is to be watched. */
  onStarted(player: Player): void;
  onDone(player: Player): void;
}

export class Players {
  readonly #options: PlayersOptions;
  readonly #playing = new Map<Leg, Playing>();

  constructor(options: PlayersOptions) {
    this.#options = options;
  }

  /** Resolves when the sound was played or stopped. */
  playSound(options: Omit<SoundPlayerOptions, 'onDone'>): Promise<void> {
    return this.#start(options.leg, (now, onDone) => new SoundPlayer(now, { ...options, onDone }));
  }

  /** Resolves when the digits were sent or stopped. Digits that are under way go first. */
  sendDigits(options: Omit<DigitPlayerOptions, 'onDone'>): Promise<void> {
    const { player, done } = this.#playing.get(options.leg) ?? {};
    if (player instanceof DigitPlayer && done) {
      player.push(options.digits);
      return done;
    }
    return this.#start(options.leg, (now, onDone) => new DigitPlayer(now, { ...options, onDone }));
  }

  stop(leg: Leg): void {
    this.#playing.get(leg)?.player.stop();
  }

  #start(leg: Leg, make: (now: number, onDone: () => void) => Player): Promise<void> {
    this.stop(leg);
    leg.isPlaying = true;
    let resolve: () => void = () => {};
    const done = new Promise<void>((settle) => {
      resolve = settle;
    });
    const player = make(this.#options.now(), () => {
      this.#playing.delete(leg);
      leg.isPlaying = false;
      this.#options.onDone(player);
      resolve();
    });
    this.#playing.set(leg, { player, done });
    this.#options.onStarted(player);
    return done;
  }
}

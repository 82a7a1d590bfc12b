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
  /** Who was the last to announce a sound for the leg, and was not stopped since. */
  readonly #turns = new WeakMap<Leg, object>();

  constructor(options: PlayersOptions) {
    this.#options = options;
  }

  /**
   * Says that a sound is made for the leg. What was announced, stopped or sent meanwhile was wanted later.
   *
   * @returns whether the sound is still wanted
   */
  announce(leg: Leg): () => boolean {
    const turn = {};
    this.#turns.set(leg, turn);
    return () => this.#turns.get(leg) === turn;
  }

  /** Resolves when the sound was played or stopped. */
  playSound(options: Omit<SoundPlayerOptions, 'onDone'>): Promise<PlayerOutcome> {
    return this.#start(options.leg, (now, onDone) => new SoundPlayer(now, { ...options, onDone }));
  }

  /** Resolves when the digits were sent as telephone-events, or stopped. */
  playDigits(options: Omit<DigitPlayerOptions, 'onDone'>): Promise<PlayerOutcome> {
    this.stop(options.leg);
    return this.#start(options.leg, (now, onDone) => new DigitPlayer(now, { ...options, onDone }));
  }

  /** Ends what plays, and what is made to be played. */
  stop(leg: Leg): void {
    this.#turns.delete(leg);
    this.#playing.get(leg)?.stop();
  }

  #start(
    leg: Leg,
    make: (now: number, onDone: (outcome: PlayerOutcome) => void) => Player,
  ): Promise<PlayerOutcome> {
    this.#playing.get(leg)?.stop();
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

// What the engine plays to single parties: tones, files, and digits to those that take them as tones or as events.
import { type Log, messageOf, OperationError } from '../../core/index.ts';
import type { Leg } from '../leg/index.ts';
import type { Borrowed, SoundFormat, SoundLibrary } from '../tone/index.ts';
import { frameMsFor } from '../transcode/index.ts';
import { DigitQueues } from './digit-queues.ts';
import { Players, type PlayersOptions } from './players.ts';
import type { PayloadFormat, PlayFileOptions, ToneName } from './types.ts';

export interface PlayingOptions extends PlayersOptions {
  readonly sounds: SoundLibrary;
  readonly log: Log;
  isOpen(leg: Leg): boolean;
}

export class Playing {
  readonly #options: PlayingOptions;
  readonly #players: Players;
  readonly #digits = new DigitQueues();

  constructor(options: PlayingOptions) {
    this.#options = options;
    this.#players = new Players(options);
  }

  async playTone(leg: Leg, tone: ToneName): Promise<void> {
    await this.#play(leg, { loop: false, find: (as) => this.#options.sounds.tone(tone, as) });
  }

  async playFile(leg: Leg, { path, loop = false }: PlayFileOptions): Promise<void> {
    await this.#play(leg, { loop, find: (as) => this.#options.sounds.file(path, as) });
  }

  /** Ends what plays, and what is made to be played. */
  stop(leg: Leg): void {
    this.#players.stop(leg);
  }

  async sendDigits(leg: Leg, digits: string): Promise<void> {
    await this.#digits.push(leg, digits, () => this.#sendDigits(leg, digits));
  }

  /** A digit that came as a tone goes on as the party knows it; where it cannot, the log alone says so. */
  passDigit(leg: Leg, digit: string): void {
    this.sendDigits(leg, digit).catch((error: unknown) => {
      this.#options.log.debug({ legId: leg.legId, reason: messageOf(error) }, 'digit not sent');
    });
  }

  async #sendDigits(leg: Leg, digits: string): Promise<void> {
    const { sendFormat: sound, eventFormat: events } = leg;
    // The call may have ended while others went first.
    if (!this.#options.isOpen(leg)) return;
    if (sound && events) {
      await this.#players.playDigits({ leg, digits, events, soundClockRateHz: sound.clockRateHz });
      return;
    }
    if (!sound || !carriesTones(sound)) {
      throw new OperationError('MEDIA_FAILED', `"${leg.label}" takes digits neither as events nor as tones`);
    }
    await this.#play(leg, { loop: false, find: (as) => this.#options.sounds.digits(digits, as) });
  }

  async #play(leg: Leg, what: Playable, isWanted = this.#players.announce(leg)): Promise<void> {
    const { sendFormat: format, remote } = leg;
    if (!format || !remote) return;
    const borrowed = await what.find({ format, ptimeMs: frameMsFor(format, remote.ptimeMs) });
    if (!borrowed) return;
    try {
      // The leg may have been closed while the sound was made, or have a peer that it shall hear.
      if (!isWanted()) return;
      const { sound } = borrowed;
      const outcome = await this.#players.playSound({ leg, sound, format, loop: what.loop });
      if (outcome === 'done') return;
    } finally {
      borrowed.release();
    }
    if (isWanted()) await this.#play(leg, what, isWanted);
  }
}

/** Opus keeps what voices have, not what a detector of tones asks for. */
function carriesTones({ encoding }: PayloadFormat): boolean {
  return encoding !== 'opus';
}

interface Playable {
  readonly loop: boolean;
  find(as: SoundFormat): Promise<Borrowed | undefined>;
}

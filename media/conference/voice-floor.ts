// Whether sound is a voice, or what lies behind one: by its level against the softest of late.
import { ACTIVE_DBOV } from '../audio/index.ts';

/** How quickly a background that became louder is believed: 3 dB a second. */
const RISE_DB_PER_MS = 0.003;
/** Sound this little above the background is background. */
const MARGIN_DB = 6;
/** Louder than this is never background, however steady it is. */
const LOUDEST_BACKGROUND_DBOV = -40;
const FIRST_DBOV = -70;

export class VoiceFloor {
  /** Whoever is heard for the first time is no background: it may send nothing in its pauses. */
  #floorDbov = FIRST_DBOV;

  /** Takes the next piece of sound. @returns whether it is more than background */
  isVoice(levelDbov: number, durationMs: number): boolean {
    this.#floorDbov = Math.min(levelDbov, this.#floorDbov + RISE_DB_PER_MS * durationMs);
    const loudest = Math.min(this.#floorDbov + MARGIN_DB, LOUDEST_BACKGROUND_DBOV);
    return levelDbov > Math.max(ACTIVE_DBOV, loudest);
  }
}

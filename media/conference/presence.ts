// Whether a member may be talking, decided before anything is decoded; and whether it talks, by what was decoded.
import type { Loudness } from './packet-meter.ts';
import { VoiceFloor } from './voice-floor.ts';

/** A voice is heard for so long after its last word: syllables and breaths do not part a sentence. */
const HANGOVER_MS = 450;
/** What only a decoder can tell is decoded, and so are a few packets behind it. */
const UNKNOWN_MS = 100;
/** Packets of equal length, about: only the speed at which a floor rises hangs on it. */
const PACKET_MS = 20;
/** So many loud beats of the last eight begin a talk spurt: a knock is none. */
const BEATS_TO_TALK = 3;

export class Presence {
  readonly #packets = new VoiceFloor();
  readonly #sound = new VoiceFloor();
  #awakeUntil = Number.NEGATIVE_INFINITY;
  #talkUntil = Number.NEGATIVE_INFINITY;
  /** One bit a beat, the newest lowest. */
  #loudBeats = 0;
  #isTalking = false;

  /** Whether the member's sound is to be decoded. */
  isAwake(now: number): boolean {
    return now < this.#awakeUntil;
  }

  /** What call control is told. */
  get isTalking(): boolean {
    return this.#isTalking;
  }

  /**
   * A packet came.
   *
   * @param buffer.delayMs - from now until its sound is played
   */
  handlePacket(now: number, loudness: Loudness, buffer: { readonly delayMs: number }): void {
    if (loudness === 'silence') return;
    if (loudness === 'doubtful') return this.#stayAwake(now + buffer.delayMs + PACKET_MS);
    if (loudness === 'unknown') return this.#stayAwake(now + buffer.delayMs + UNKNOWN_MS);
    if (typeof loudness === 'number' && !this.#packets.isVoice(loudness, PACKET_MS)) return;
    this.#stayAwake(now + buffer.delayMs + HANGOVER_MS);
  }

  /** Sound was decoded. @returns whether it is a voice's, or within one */
  handleSound(now: number, levelDbov: number, durationMs: number): boolean {
    const isLoud = this.#sound.isVoice(levelDbov, durationMs);
    this.#loudBeats = ((this.#loudBeats << 1) | (isLoud ? 1 : 0)) & 0xff;
    if (isLoud) {
      this.#stayAwake(now + HANGOVER_MS);
      if (this.#isTalking || bitsOf(this.#loudBeats) >= BEATS_TO_TALK) this.#talkUntil = now + HANGOVER_MS;
    }
    this.#isTalking = now < this.#talkUntil;
    return isLoud;
  }

  /** The member is muted, or falls silent for another reason. */
  reset(): void {
    this.#awakeUntil = Number.NEGATIVE_INFINITY;
    this.#talkUntil = Number.NEGATIVE_INFINITY;
    this.#loudBeats = 0;
    this.#isTalking = false;
  }

  #stayAwake(until: number): void {
    if (until > this.#awakeUntil) this.#awakeUntil = until;
  }
}

function bitsOf(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}

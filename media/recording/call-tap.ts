// The legs of a recorded call on one beat: what each says, and the mix of it.
import type { TimedMachine } from '../../core/index.ts';
import type { RoomTap, RoomVoice } from '../conference/types.ts';
import { type LegVoice, VOICE_DELAY_MS } from './leg-voice.ts';
import { RECORDING_RATE_HZ } from './track-file.ts';

const BEAT_MS = 20;
const FRAME = (RECORDING_RATE_HZ * BEAT_MS) / 1000;
/** A beat that is late by more is not caught up with: that time is silence. */
const LATEST_BEAT_MS = 200;

export interface CallTapOptions {
  readonly recorder: RoomTap;
  /** Two: the first leg is on the left, the second on the right. */
  readonly channels: 1 | 2;
  /** The beat began: {@link CallTap.nextTimeoutAt} has changed. */
  onStarted(tap: CallTap): void;
}

/** Beats only while somebody sends. It owns the voices. */
export class CallTap implements TimedMachine {
  readonly #options: CallTapOptions;
  readonly #startedAt: number;
  readonly #voices: LegVoice[] = [];
  readonly #mix: Int16Array;
  #nextAt: number | undefined;

  constructor(now: number, options: CallTapOptions) {
    this.#options = options;
    this.#startedAt = now;
    this.#mix = new Int16Array(FRAME * options.channels);
  }

  /** In their order they are left and right. */
  add(voice: LegVoice): void {
    this.#voices.push(voice);
  }

  /** A voice has sound to be read. */
  handleSound(now: number): void {
    if (this.#nextAt !== undefined) return;
    // On a grid from the beginning on, so that frames of the files and beats are the same.
    const beats = Math.floor((now - this.#startedAt) / BEAT_MS) + 1;
    this.#nextAt = this.#startedAt + beats * BEAT_MS;
    this.#options.onStarted(this);
  }

  nextTimeoutAt(): number | undefined {
    return this.#nextAt;
  }

  handleTimeout(now: number): void {
    if (this.#nextAt === undefined || now < this.#nextAt) return;
    const at = this.#nextAt;
    this.#beat(at);
    const missedBeats = now - at > LATEST_BEAT_MS ? Math.floor((now - at) / BEAT_MS) : 0;
    this.#nextAt = this.#voices.every((voice) => voice.isIdle(now))
      ? undefined
      : at + (1 + missedBeats) * BEAT_MS;
    if (this.#nextAt === undefined) for (const voice of this.#voices) this.#endTalk(now, voice);
  }

  /** Reads what came before `now`, for the recording ends. */
  drain(now: number): void {
    const until = now + VOICE_DELAY_MS - BEAT_MS;
    for (let at = this.#nextAt; at !== undefined && at <= until; at += BEAT_MS) this.#beat(at);
    this.#nextAt = undefined;
  }

  close(): void {
    this.#nextAt = undefined;
    for (const voice of this.#voices) voice.close();
  }

  #beat(at: number): void {
    const { recorder, channels } = this.#options;
    // Of the first sample: it came so long before it is read.
    const cameAt = at - VOICE_DELAY_MS;
    this.#mix.fill(0);
    const voices: RoomVoice[] = [];
    for (const [index, voice] of this.#voices.entries()) {
      const pcm = voice.read(at, BEAT_MS);
      this.#tellTalk(cameAt + BEAT_MS, voice, pcm);
      if (channels === 2) this.#place(pcm, Math.min(index, 1));
      else this.#add(pcm);
      voices.push({ legId: voice.legId, pcm, delayMs: voice.delayMs });
    }
    recorder.handleBeat(cameAt, voices, this.#mix);
    this.#partGone(cameAt);
  }

  #tellTalk(end: number, voice: LegVoice, pcm: Int16Array): void {
    const change = voice.talk.measure(pcm, BEAT_MS);
    if (!change) return;
    this.#options.recorder.handleTalking(end - voice.talk.agoMs, voice.legId, change === 'began');
  }

  #endTalk(now: number, voice: LegVoice): void {
    const { agoMs } = voice.talk;
    if (voice.talk.stop()) this.#options.recorder.handleTalking(now - agoMs, voice.legId, false);
  }

  /** Legs that were closed, and whose last sound has been read. */
  #partGone(cameAt: number): void {
    for (const voice of this.#voices) {
      const { closedAt, legId } = voice;
      if (closedAt !== undefined && closedAt <= cameAt) this.#options.recorder.handleLeft(closedAt, legId);
    }
  }

  #place(pcm: Int16Array, channel: number): void {
    for (let i = 0; i < pcm.length; i += 1) this.#mix[2 * i + channel] = pcm[i] ?? 0;
  }

  #add(pcm: Int16Array): void {
    for (let i = 0; i < pcm.length; i += 1) {
      const sum = (this.#mix[i] ?? 0) + (pcm[i] ?? 0);
      this.#mix[i] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : sum;
    }
  }
}

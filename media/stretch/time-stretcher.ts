// Makes sound longer or shorter and leaves its pitch as it is: whole periods of a voice are put in or taken out.
import { PeriodFinder } from './period-finder.ts';

/** A child's voice at 400 Hz: shorter "periods" are the hiss of one. */
const SHORTEST_PERIOD_MS = 2.5;
/** A low voice at 67 Hz, or a few periods of a high one. */
const LONGEST_PERIOD_MS = 15;
/** Of the cross-fade from before a joint to after it; frames under 20 ms get a quarter of their length. */
const JOINT_MS = 5;
const LARGEST_JOINT_SHARE = 1 / 4;
/** What is compared before the joint, besides the joint itself. */
const CONTEXT_MS = 5;

/** How much sound before a frame a {@link TimeStretcher} looks at, where there is that much. */
export const STRETCH_HISTORY_MS = LONGEST_PERIOD_MS + CONTEXT_MS;

/** A piece of sound in a larger buffer; positions in sample frames (one sample of each channel). */
export interface StretchedFrame {
  /** What precedes it in the buffer precedes it in time. */
  readonly start: number;
  /** Behind it there must be room for what is put in: at most as much as the frame has. */
  readonly end: number;
  /** In silence there is no period to respect: any amount goes. */
  readonly isSilent: boolean;
}

/** Keeps no sound, only scratch memory. */
export class TimeStretcher {
  readonly #channels: number;
  readonly #framesPerMs: number;
  readonly #finder: PeriodFinder;

  /** @param sampleRateHz - 8000 or a multiple of it */
  constructor(sampleRateHz: number, channels: 1 | 2) {
    this.#channels = channels;
    this.#framesPerMs = sampleRateHz / 1000;
    this.#finder = new PeriodFinder(sampleRateHz, channels);
  }

  /**
   * Stretches a frame in place, by at most what is wanted: whole periods of a voice, any amount of silence, nothing of a
   * hiss. Its sound keeps its start and its end, so that it fits to what comes before and after.
   *
   * @param samples - interleaved
   * @param wanted - sample frames to be put in, or, negative, taken out
   * @returns how many were, with the sign of `wanted`: the frame now ends that much later
   */
  stretch(samples: Int16Array, wanted: number, frame: StretchedFrame): number {
    const length = frame.end - frame.start;
    const joint = Math.floor(Math.min(JOINT_MS * this.#framesPerMs, length * LARGEST_JOINT_SHARE));
    if (joint < 1 || wanted === 0) return 0;
    return wanted < 0
      ? -this.#shorten(samples, -wanted, frame, joint)
      : this.#lengthen(samples, wanted, frame, joint);
  }

  /** Jumps ahead at the start of the frame. */
  #shorten(samples: Int16Array, wanted: number, { start, end, isSilent }: StretchedFrame, joint: number) {
    const most = Math.min(wanted, end - start - joint);
    const lag = isSilent ? most : this.#period(samples, 1, { at: start, most, joint });
    if (lag > 0) this.#splice(samples, start, { lag, joint, end });
    return lag;
  }

  /** Jumps back near the end of the frame; in silence not further than it reaches, for before it somebody may speak. */
  #lengthen(samples: Int16Array, wanted: number, { start, end, isSilent }: StretchedFrame, joint: number) {
    const at = end - joint;
    const lag = isSilent
      ? Math.min(wanted, at - start)
      : this.#period(samples, -1, { at, most: Math.min(wanted, end - start), joint });
    if (lag > 0) this.#splice(samples, at, { lag: -lag, joint: Math.min(joint, lag), end });
    return lag;
  }

  #period(samples: Int16Array, direction: 1 | -1, place: { at: number; most: number; joint: number }) {
    const { at, most, joint } = place;
    const context = Math.min(at, Math.floor(CONTEXT_MS * this.#framesPerMs));
    const room = direction < 0 ? at - context : most;
    return this.#finder.find(samples, {
      start: at - context,
      length: context + joint,
      direction,
      shortest: Math.ceil(SHORTEST_PERIOD_MS * this.#framesPerMs),
      longest: Math.floor(Math.min(most, room, LONGEST_PERIOD_MS * this.#framesPerMs)),
    });
  }

  /** From `at` on plays what is `lag` later (or earlier), after a cross-fade from what is there. */
  #splice(samples: Int16Array, at: number, { lag, joint, end }: { lag: number; joint: number; end: number }) {
    const channels = this.#channels;
    const [from, shift, width] = [at * channels, lag * channels, joint * channels];
    // What moves back moves before the cross-fade writes over it, what moves ahead after the cross-fade has read it.
    if (lag < 0) samples.copyWithin(from + width, from + width + shift, end * channels);
    for (let i = 0; i < width; i += 1) {
      const weight = (Math.floor(i / channels) + 1) / (joint + 1);
      const old = samples[from + i] ?? 0;
      const next = samples[from + i + shift] ?? 0;
      samples[from + i] = Math.round(old + weight * (next - old));
    }
    if (lag > 0) samples.copyWithin(from + width, from + width + shift, end * channels);
  }
}

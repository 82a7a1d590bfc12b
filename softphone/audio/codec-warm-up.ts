// Has a codec work before anybody listens: what runs it is compiled while it runs, and would hold up the first second.
import type { CancelTimer, Runtime } from '../../core/index.ts';
import {
  type Codec,
  type CodecDescription,
  type CodecRegistry,
  FRAME_MS,
  SpeechLikeSource,
} from '../../media/index.ts';

/** Sound of so long is compressed and read again: by then all of it was compiled, and that well. */
const WARM_UP_MS = 800;
/** Between two frames, for whatever else the phone has to do. */
const REST_MS = 3;

/** Which ran already: compiled code belongs to the process, and all its phones have it. */
const WARM = new Set<string>();

/**
 * For the first of a phone's codecs, which calls will mostly use. Opus costs a third of a second of processor time before
 * it is as fast as it gets: in the middle of an answer, checks of paths would wait for it, and sound come too late.
 */
export class CodecWarmUp {
  readonly #runtime: Runtime;
  readonly #warm: Set<string>;
  #codec: Codec | undefined;
  #cancelTimer: CancelTimer | undefined;
  #isClosed = false;

  /** @param warm - encodings that need it no more; grows */
  constructor(runtime: Runtime, warm: Set<string> = WARM) {
    this.#runtime = runtime;
    this.#warm = warm;
  }

  /** Goes on by itself, in small pieces. Never rejects: a codec that cannot be made is told of by the first call. */
  async run(codecs: CodecRegistry): Promise<void> {
    const [description] = codecs.descriptions;
    if (!description || this.#warm.has(description.encoding)) return;
    this.#warm.add(description.encoding);
    const codec = await codecs.create(description).catch(() => undefined);
    if (!codec) return;
    if (this.#isClosed) return codec.close();
    this.#codec = codec;
    this.#work(codec, soundFor(description), WARM_UP_MS / FRAME_MS);
  }

  /** Doing it twice is harmless. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#codec?.close();
    this.#codec = undefined;
  }

  #work(codec: Codec, sound: WarmUpSound, framesLeft: number): void {
    if (framesLeft === 0) return this.close();
    sound.source.read(sound.frame);
    codec.decode(codec.encode(sound.frame));
    this.#cancelTimer = this.#runtime.setTimer(this.#runtime.clock.now() + REST_MS, () =>
      this.#work(codec, sound, framesLeft - 1),
    );
  }
}

interface WarmUpSound {
  readonly source: SpeechLikeSource;
  readonly frame: Int16Array;
}

/** The channels of stereo are taken for one after the other: it need not sound well. */
function soundFor({ sampleRateHz, soundChannels = 1 }: CodecDescription): WarmUpSound {
  return {
    source: new SpeechLikeSource(1, sampleRateHz),
    frame: new Int16Array((sampleRateHz * FRAME_MS * soundChannels) / 1000),
  };
}

// Where the sound of a call goes: to a sink, and back to the far end where it is to hear itself.
import { messageOf } from '../core/index.ts';
import type { AudioSink, CodecDescription } from '../media/index.ts';
import type { MakeSink } from './audio/sound-options.ts';
import type { VoicePlayer } from './audio/voice-player.ts';
import { WavRecorder } from './audio/wav-recorder.ts';

export interface CallSinkOptions {
  readonly makeSink: MakeSink;
  /** Hears what is heard, besides the sink. */
  readonly echo: AudioSink | undefined;
}

export class CallSink {
  readonly #options: CallSinkOptions;
  #sink: AudioSink | undefined;
  #failure: string | null = null;

  constructor(options: CallSinkOptions) {
    this.#options = options;
  }

  /** The file that is written; null where there is none. */
  get recording(): string | null {
    return this.#sink instanceof WavRecorder ? this.#sink.path : null;
  }

  /** Why the sink could not be closed. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Makes the sink, and has it listen. @throws OperationError where it cannot be made */
  async open(player: VoicePlayer, { sampleRateHz, soundChannels = 1 }: CodecDescription): Promise<void> {
    const { makeSink, echo } = this.#options;
    this.#sink = await makeSink(sampleRateHz, soundChannels);
    if (this.#sink) player.addListener(this.#sink);
    if (echo) player.addListener(echo);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#sink?.close().catch((error: unknown) => {
      this.#failure = messageOf(error);
    });
  }
}

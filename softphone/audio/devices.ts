// Microphone and speaker, through the optional package decibri.
import type { Readable } from 'node:stream';
import { messageOf, UsageError } from '../../core/index.ts';
import { type AudioSink, type AudioSource, encodePcm } from '../../media/index.ts';

const DEVICE_RATE_HZ = 48_000;
const FRAME = DEVICE_RATE_HZ / 50;
/** What the microphone is ahead of the call: more than this is let go, so that delay never piles up. */
const LONGEST_BACKLOG_SAMPLES = 10 * FRAME;

/** The part of decibri 5 that we use. */
interface Decibri {
  readonly Microphone: { open(options: object): Promise<Readable & { stop(): void }> };
  readonly Speaker: {
    open(options: object): Promise<{ writeAsync(bytes: Uint8Array): Promise<unknown>; stop(): void }>;
  };
}

/** How decibri is loaded; tests put their own in its place. */
export type LoadDecibri = () => Promise<unknown>;

const importDecibri: LoadDecibri = () => {
  // A variable keeps the compiler from looking for what need not be there.
  const name: string = 'decibri';
  return import(name);
};

async function load(option: string, loadDecibri: LoadDecibri): Promise<Decibri> {
  try {
    // Cast: the package is optional, so that its types are not here; the interface states what we rely on.
    return (await loadDecibri()) as Decibri;
  } catch (error) {
    throw new UsageError(
      `${option} needs the package "decibri", which cannot be loaded (${firstLine(error)}); run "npm install decibri@5.7.0" ` +
        '(on Linux also "apt-get install libasound2"), or use files: --play FILE.wav, --record FILE.wav',
      { cause: error },
    );
  }
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}

/** Whether microphone and speaker can be used here at all. */
export async function hasDevices(loadDecibri: LoadDecibri = importDecibri): Promise<boolean> {
  return loadDecibri().then(
    () => true,
    () => false,
  );
}

/** The default microphone. */
export class MicrophoneSource implements AudioSource {
  readonly sampleRateHz = DEVICE_RATE_HZ;
  readonly isEnded = false;
  readonly #stream: Readable & { stop(): void };
  #backlog: number[] = [];

  /** @throws UsageError where there is no microphone or no package for it */
  static async open(loadDecibri: LoadDecibri = importDecibri): Promise<MicrophoneSource> {
    const { Microphone } = await load('--play mic', loadDecibri);
    try {
      return new MicrophoneSource(
        await Microphone.open({ sampleRate: DEVICE_RATE_HZ, channels: 1, framesPerBuffer: FRAME }),
      );
    } catch (error) {
      throw new UsageError(
        `--play mic: no microphone can be opened (${firstLine(error)}); use --play FILE.wav`,
        {
          cause: error,
        },
      );
    }
  }

  private constructor(stream: Readable & { stop(): void }) {
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => this.#take(bytes));
    // A microphone that is pulled out is silent; the call goes on.
    stream.on('error', () => {});
  }

  read(pcm: Int16Array): void {
    const next = this.#backlog.splice(0, pcm.length);
    pcm.set(next);
    pcm.fill(0, next.length);
  }

  close(): void {
    this.#stream.stop();
  }

  #take(bytes: Buffer): void {
    for (let at = 0; at + 1 < bytes.length; at += 2) this.#backlog.push(bytes.readInt16LE(at));
    const excess = this.#backlog.length - LONGEST_BACKLOG_SAMPLES;
    if (excess > 0) this.#backlog.splice(0, excess);
  }
}

/** The default speaker. */
export class SpeakerSink implements AudioSink {
  readonly sampleRateHz = DEVICE_RATE_HZ;
  readonly channels: 1 | 2;
  readonly #speaker: Awaited<ReturnType<Decibri['Speaker']['open']>>;
  #queue: Promise<unknown> = Promise.resolve();
  #queued = 0;

  /** @throws UsageError where there is no speaker or no package for it */
  static async open(loadDecibri: LoadDecibri = importDecibri, channels: 1 | 2 = 1): Promise<SpeakerSink> {
    const { Speaker } = await load('--record speaker', loadDecibri);
    try {
      return new SpeakerSink(await Speaker.open({ sampleRate: DEVICE_RATE_HZ, channels }), channels);
    } catch (error) {
      throw new UsageError(
        `--record speaker: no speaker can be opened (${firstLine(error)}); use --record FILE.wav`,
        { cause: error },
      );
    }
  }

  private constructor(speaker: Awaited<ReturnType<Decibri['Speaker']['open']>>, channels: 1 | 2) {
    this.#speaker = speaker;
    this.channels = channels;
  }

  write(pcm: Int16Array): void {
    if (this.#queued + pcm.length > LONGEST_BACKLOG_SAMPLES) return;
    const bytes = encodePcm(pcm);
    this.#queued += pcm.length;
    this.#queue = this.#queue
      .then(() => this.#speaker.writeAsync(bytes))
      .catch(() => {}) // A speaker that is pulled out is silent; the call goes on.
      .finally(() => {
        this.#queued -= pcm.length;
      });
  }

  async close(): Promise<void> {
    this.#speaker.stop();
  }
}

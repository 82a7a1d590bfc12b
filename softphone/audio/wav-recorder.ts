// Records to a WAV file that is valid at any moment.
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf, OperationError, UsageError } from '../../core/index.ts';
import {
  type AudioSink,
  encodePcm,
  encodeWavHeader,
  LARGEST_WAV_DATA_BYTES,
  WAV_HEADER_BYTES,
} from '../../media/index.ts';

/** A disk that is slower than this loses sound instead of making us grow. */
const LONGEST_BACKLOG_SECONDS = 30;

/**
 * 16 bits, mono or stereo. Sound goes to the file once a second, the header after it: whoever kills the process finds all but
 * the last second. A full disk ends the recording, never the call.
 */
export class WavRecorder implements AudioSink {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly path: string;
  readonly #file: FileHandle;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #writtenBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: Error | undefined;
  #droppedBytes = 0;

  /** @throws UsageError where the file cannot be made */
  static async open(path: string, sampleRateHz: number, channels: 1 | 2 = 1): Promise<WavRecorder> {
    try {
      const file = await open(path, 'w');
      await file.write(encodeWavHeader({ sampleRateHz, channels }, 0), 0, WAV_HEADER_BYTES, 0);
      return new WavRecorder(path, file, { sampleRateHz, channels });
    } catch (error) {
      throw new UsageError(
        `--record ${path}: the file cannot be written (${messageOf(error)}); name one in a folder that exists and is yours`,
        { cause: error },
      );
    }
  }

  private constructor(
    path: string,
    file: FileHandle,
    sound: { readonly sampleRateHz: number; readonly channels: 1 | 2 },
  ) {
    this.path = path;
    this.#file = file;
    this.sampleRateHz = sound.sampleRateHz;
    this.channels = sound.channels;
  }

  /** Sound that was lost because the disk was too slow or full. */
  get droppedMs(): number {
    return (this.#droppedBytes / this.#bytesPerSecond) * 1000;
  }

  write(pcm: Int16Array): void {
    const bytes = 2 * pcm.length;
    if (this.#failure || this.#pendingBytes + bytes > LONGEST_BACKLOG_SECONDS * this.#bytesPerSecond) {
      this.#droppedBytes += bytes;
      return;
    }
    this.#pending.push(encodePcm(pcm));
    this.#pendingBytes += bytes;
    if (this.#pendingBytes >= this.#bytesPerSecond) this.#startFlush();
  }

  /** @throws OperationError `RECORDING_FAILED` where sound could not be written */
  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
    if (!this.#failure) await this.#flush().catch((error) => this.#fail(error));
    await this.#file.close();
    if (this.#failure) {
      throw new OperationError(
        'RECORDING_FAILED',
        `the recording "${this.path}" is not whole: ${this.#failure.message}`,
        { cause: this.#failure },
      );
    }
  }

  get #bytesPerSecond(): number {
    return 2 * this.channels * this.sampleRateHz;
  }

  #startFlush(): void {
    this.#writing ??= this.#flush()
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    const room = LARGEST_WAV_DATA_BYTES - this.#writtenBytes;
    if (bytes.length > room) throw new Error('a WAV file cannot be larger than 4 GiB');
    await writeAll(this.#file, bytes, WAV_HEADER_BYTES + this.#writtenBytes);
    this.#writtenBytes += bytes.length;
    const { sampleRateHz, channels } = this;
    const header = encodeWavHeader({ sampleRateHz, channels }, this.#writtenBytes);
    await writeAll(this.#file, header, 0);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new Error('the disk takes no more');
    done += bytesWritten;
  }
}

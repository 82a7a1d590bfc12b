// A source whose decoder is still being made: silent until then, which is a few milliseconds.
import type { AudioSource } from '../../media/index.ts';

export class DeferredSource implements AudioSource {
  readonly sampleRateHz: number;
  #source: (AudioSource & { close?(): void }) | undefined;
  #isClosed = false;

  /** @param making - mono, at that rate; this source's own */
  constructor(sampleRateHz: number, making: Promise<AudioSource & { close?(): void }>) {
    this.sampleRateHz = sampleRateHz;
    making.then(
      (source) => {
        if (this.#isClosed) source.close?.();
        else this.#source = source;
      },
      () => this.close(),
    );
  }

  get isEnded(): boolean {
    return this.#isClosed || this.#source?.isEnded === true;
  }

  read(pcm: Int16Array): void {
    if (!this.#source) {
      pcm.fill(0);
      return;
    }
    this.#source.read(pcm);
    if (this.#source.isEnded) this.close();
  }

  close(): void {
    this.#isClosed = true;
    this.#source?.close?.();
    this.#source = undefined;
  }
}

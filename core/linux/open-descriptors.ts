// Which descriptors a thread has open, told in memory that outlives it.
import { closeSync } from 'node:fs';

/** As many as most systems give a process; of what is above nobody takes note. */
const MOST = 65_536;

/**
 * The kernel knows nothing of threads: where one dies without a last word (its heap was full), what it had open stays open,
 * and its ports stay taken. Whoever started it closes them then.
 */
export class OpenDescriptors {
  /** To be handed to the other thread. */
  readonly memory: SharedArrayBuffer;
  readonly #isOpen: Uint8Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(MOST)) {
    this.memory = memory;
    this.#isOpen = new Uint8Array(memory);
  }

  add(fd: number): void {
    this.#isOpen[fd] = 1;
  }

  remove(fd: number): void {
    this.#isOpen[fd] = 0;
  }

  /** Only when the thread is gone: else it would go on with numbers that are somebody else's. */
  closeAll(): void {
    for (const [fd, isOpen] of this.#isOpen.entries()) {
      if (isOpen === 0) continue;
      this.#isOpen[fd] = 0;
      closeSync(fd);
    }
  }
}

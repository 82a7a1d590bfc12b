// What leaves for clients: put together in one batch, and sent with one system call a socket.
import {
  BATCH_CAPACITY,
  DatagramBatch,
  type KernelEndpoint,
  type SystemCalls,
} from '../../../../core/index.ts';

/** Nobody who adds anything need send it: {@link Outgoing.flush} comes after every batch of datagrams. */
export class Outgoing {
  readonly batch: DatagramBatch;
  /** By slot: the kernel reads where to send only when the batch is sent, and nobody else may have kept it until then. */
  readonly #targets = new Array<KernelEndpoint | undefined>(BATCH_CAPACITY).fill(undefined);
  /** Of the slots from #start to #count. */
  #fd = -1;
  #start = 0;
  #count = 0;

  constructor(calls: SystemCalls) {
    this.batch = new DatagramBatch(calls);
  }

  /** A slot to be filled, which is nobody's until it is committed. */
  slot(): number {
    if (this.#count === BATCH_CAPACITY) this.flush();
    return this.#count;
  }

  /**
   * Sends what is in the slot that was asked for last, soon.
   *
   * @param offset - from where the slot's datagram begins
   */
  commit(fd: number, offset: number, length: number, target: KernelEndpoint): void {
    if (fd !== this.#fd) this.#sendPrepared();
    this.#fd = fd;
    this.batch.prepare(this.#count, offset, length, target);
    this.#targets[this.#count] = target;
    this.#count += 1;
  }

  /** Sends a copy, soon. */
  copy(fd: number, bytes: Uint8Array, target: KernelEndpoint): void {
    this.batch.bytes.set(bytes, this.batch.offsetOf(this.slot()));
    this.commit(fd, 0, bytes.length, target);
  }

  flush(): void {
    this.#sendPrepared();
    this.#start = 0;
    this.#count = 0;
  }

  #sendPrepared(): void {
    if (this.#start < this.#count) this.batch.send(this.#fd, this.#start, this.#count);
    this.#start = this.#count;
  }
}

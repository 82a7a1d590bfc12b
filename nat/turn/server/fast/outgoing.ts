// What leaves for clients: put together in one batch, and sent with one system call a socket.
import { type KernelEndpoint, SendBatch, type SystemCalls } from '../../../../core/index.ts';

/** RFC 768: a length of 16 bits. */
const LARGEST_DATAGRAM_BYTES = 65_535;

/** Nobody who adds anything need send it: {@link Outgoing.flush} comes after every batch of datagrams. */
export class Outgoing {
  /** Where the next datagram is written; {@link Outgoing.makeRoom} comes first. */
  readonly batch: SendBatch;
  /** Of the datagrams from #start on. */
  #fd = -1;
  #start = 0;

  constructor(calls: SystemCalls) {
    this.batch = new SendBatch(calls);
  }

  makeRoom(): void {
    if (!this.batch.hasRoom) this.flush();
  }

  /** Sends what was written to the batch, soon; as {@link SendBatch.add}. */
  commit(fd: number, headerBytes: number, sizeBytes: number, target: KernelEndpoint): void {
    if (fd !== this.#fd) this.#sendPrepared();
    this.#fd = fd;
    this.batch.add(headerBytes, sizeBytes, target);
  }

  /** Sends a copy, soon; what is longer than any datagram is lost. */
  copy(fd: number, bytes: Uint8Array, target: KernelEndpoint): void {
    if (bytes.length > LARGEST_DATAGRAM_BYTES) return;
    this.makeRoom();
    this.batch.bytes.set(bytes, this.batch.offset);
    this.commit(fd, 0, bytes.length, target);
  }

  flush(): void {
    this.#sendPrepared();
    this.batch.clear();
    this.#start = 0;
  }

  #sendPrepared(): void {
    const { count } = this.batch;
    if (this.#start < count) this.batch.send(this.#fd, this.#start, count);
    this.#start = count;
  }
}

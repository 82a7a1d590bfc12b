// System calls without a system: epoll reports what a test says, and nothing else happens.
import type { SystemCalls } from '../../core/index.ts';

/** How far apart the made-up addresses of two buffers are. */
const BUFFER_BYTES = 0x1_0000_0000;
const EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
const DATA_WORD = EVENT_WORDS - 2;

export class FakeSystemCalls implements SystemCalls {
  /** What each call of epoll_wait reports: file descriptors. After the last, nothing. */
  readonly readable: number[][] = [];
  readonly epollWaitPrecisely = undefined;
  readonly #buffers: ArrayBufferView[] = [];
  #nextFd = 3;

  epollWait(_epoll: number, events: number): number {
    const fds = this.readable.shift() ?? [];
    const { buffer, byteOffset } = this.#bufferAt(events);
    const words = new Uint32Array(buffer, byteOffset);
    for (const [index, fd] of fds.entries()) words[index * EVENT_WORDS + DATA_WORD] = fd;
    return fds.length;
  }

  addressOf(bytes: ArrayBufferView): number {
    return this.#buffers.push(bytes) * BUFFER_BYTES;
  }

  socket = (): number => this.#nextFd++;
  epollCreate = (): number => this.#nextFd++;
  eventfd = (): number => this.#nextFd++;
  bind = succeed;
  getsockname = succeed;
  setsockopt = succeed;
  close = succeed;
  epollControl = succeed;
  recvfrom = fail;
  recvmmsg = fail;
  read = fail;
  sendto = (_fd: number, _bytes: number, sizeBytes: number): number => sizeBytes;
  sendmmsg = (_fd: number, _messages: number, count: number): number => count;
  errno = (): number => 11;

  #bufferAt(address: number): ArrayBufferView {
    const buffer = this.#buffers[address / BUFFER_BYTES - 1];
    if (!buffer) throw new Error(`nothing lies at ${address}`);
    return buffer;
  }
}

function succeed(): number {
  return 0;
}

function fail(): number {
  return -1;
}

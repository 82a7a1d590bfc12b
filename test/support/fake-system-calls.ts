// System calls without a system: epoll reports what a test says, datagrams come from a list and go to another.
import type { SystemCalls } from '../../core/index.ts';

export interface FakeDatagram {
  readonly fd: number;
  readonly bytes: Uint8Array;
  /** A whole sockaddr: who sent it, or where it goes. */
  readonly address: Uint8Array;
}

/** How far apart the made-up addresses of two buffers are. */
const BUFFER_BYTES = 0x1_0000_0000;
const EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
const DATA_WORD = EVENT_WORDS - 2;
/** Of struct mmsghdr and struct iovec, in bytes. */
const MESSAGE = { sizeBytes: 64, iov: 16, iovCount: 24, length: 56 };
const PLACE = { sizeBytes: 16, length: 8 };
const NAME_LENGTH = 8;

export class FakeSystemCalls implements SystemCalls {
  /** What each call of epoll_wait reports: file descriptors. After the last, nothing. */
  readonly readable: number[][] = [];
  /** What waits at the sockets. */
  readonly waiting: FakeDatagram[] = [];
  readonly sent: FakeDatagram[] = [];
  readonly epollWaitPrecisely = undefined;
  readonly #buffers: ArrayBufferLike[] = [];
  #nextFd = 3;

  epollWait(_epoll: number, events: number): number {
    const fds = this.readable.shift() ?? [];
    const view = this.#viewAt(events);
    for (const [index, fd] of fds.entries()) view.setUint32(4 * (index * EVENT_WORDS + DATA_WORD), fd, true);
    return fds.length;
  }

  recvfrom(fd: number, at: number, sizeBytes: number, _flags: number, source: number): number {
    const datagram = this.#take(fd);
    if (!datagram) return -1;
    this.#bytesAt(source).set(datagram.address);
    this.#bytesAt(at).set(datagram.bytes.subarray(0, sizeBytes));
    return Math.min(sizeBytes, datagram.bytes.length);
  }

  recvmmsg(fd: number, messages: number, count: number): number {
    for (let taken = 0; taken < count; taken += 1) {
      const datagram = this.#take(fd);
      if (!datagram) return taken === 0 ? -1 : taken;
      this.#receive(messages + taken * MESSAGE.sizeBytes, datagram);
    }
    return count;
  }

  sendto(
    fd: number,
    at: number,
    sizeBytes: number,
    _flags: number,
    target: number,
    targetSize: number,
  ): number {
    this.sent.push({ fd, bytes: this.#copy(at, sizeBytes), address: this.#copy(target, targetSize) });
    return sizeBytes;
  }

  sendmmsg(fd: number, messages: number, count: number): number {
    for (let i = 0; i < count; i += 1) {
      const message = this.#viewAt(messages + i * MESSAGE.sizeBytes);
      const [place] = this.#places(messages + i * MESSAGE.sizeBytes);
      const name = pointer(message, 0);
      this.sendto(fd, place?.at ?? 0, place?.sizeBytes ?? 0, 0, name, message.getUint32(NAME_LENGTH, true));
    }
    return count;
  }

  addressOf({ buffer, byteOffset }: ArrayBufferView): number {
    return this.#buffers.push(buffer) * BUFFER_BYTES + byteOffset;
  }

  socket = (): number => this.#nextFd++;
  epollCreate = (): number => this.#nextFd++;
  eventfd = (): number => this.#nextFd++;
  bind = succeed;
  getsockname = succeed;
  setsockopt = succeed;
  close = succeed;
  epollControl = succeed;
  read = (): number => -1;
  errno = (): number => 11;

  #take(fd: number): FakeDatagram | undefined {
    const index = this.waiting.findIndex((datagram) => datagram.fd === fd);
    return index < 0 ? undefined : this.waiting.splice(index, 1)[0];
  }

  #receive(at: number, { bytes, address }: FakeDatagram): void {
    const message = this.#viewAt(at);
    // recvmsg(2): cut to the room for it, and its size is put in the place of that room.
    const room = message.getUint32(NAME_LENGTH, true);
    this.#bytesAt(pointer(message, 0)).set(address.subarray(0, room));
    message.setUint32(NAME_LENGTH, address.length, true);
    message.setUint32(MESSAGE.length, bytes.length, true);
    let done = 0;
    for (const place of this.#places(at)) {
      this.#bytesAt(place.at).set(bytes.subarray(done, done + place.sizeBytes));
      done += place.sizeBytes;
    }
  }

  #places(at: number): { readonly at: number; readonly sizeBytes: number }[] {
    const message = this.#viewAt(at);
    const iovs = this.#viewAt(pointer(message, MESSAGE.iov));
    return Array.from({ length: message.getUint32(MESSAGE.iovCount, true) }, (_, index) => {
      const offset = index * PLACE.sizeBytes;
      return { at: pointer(iovs, offset), sizeBytes: iovs.getUint32(offset + PLACE.length, true) };
    });
  }

  #copy(at: number, sizeBytes: number): Uint8Array {
    return this.#bytesAt(at).slice(0, sizeBytes);
  }

  #bytesAt(address: number): Uint8Array {
    const { buffer, byteOffset } = this.#viewAt(address);
    return new Uint8Array(buffer, byteOffset);
  }

  #viewAt(address: number): DataView {
    const buffer = this.#buffers[Math.floor(address / BUFFER_BYTES) - 1];
    if (!buffer) throw new Error(`nothing lies at ${address}`);
    return new DataView(buffer, address % BUFFER_BYTES);
  }
}

function pointer(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * BUFFER_BYTES + view.getUint32(offset, true);
}

function succeed(): number {
  return 0;
}

// A UDP socket by system calls: one to take a datagram in, one to send it, nothing made in between.
import { addressFamily, type Endpoint } from '../address.ts';
import { invariant } from '../errors.ts';
import type { DatagramHandler, UdpOptions, UdpSocket } from '../network.ts';
import { type KernelMemory, LARGEST_DATAGRAM, SOCKET_ADDRESS_BYTES } from './kernel-memory.ts';
import type { Poller, Readable } from './poller.ts';
import { SocketAddress } from './socket-address.ts';
import { type SystemCalls, systemError } from './system-calls.ts';
import { openUdpDescriptor } from './udp-descriptor.ts';

const MSG_DONTWAIT = 0x40;

export class PolledUdpSocket implements UdpSocket, Readable {
  onDatagram: DatagramHandler | undefined;
  onError: ((error: Error) => void) | undefined;
  readonly local: Endpoint;
  readonly #calls: SystemCalls;
  readonly #poller: Poller;
  readonly #memory: KernelMemory;
  readonly #fd: number;
  readonly #source: SocketAddress;
  readonly #target: SocketAddress;
  #isClosed = false;

  /** @throws an error with `code`, as Node's own network does: EADDRINUSE … */
  constructor(calls: SystemCalls, poller: Poller, memory: KernelMemory, options: UdpOptions) {
    const family = addressFamily(options.address);
    invariant(family, 'sockets are bound to numeric addresses');
    this.#calls = calls;
    this.#poller = poller;
    this.#memory = memory;
    this.#source = new SocketAddress(family);
    this.#target = new SocketAddress(family);
    const { fd, local } = openUdpDescriptor(calls, options);
    this.#fd = fd;
    this.local = local;
    try {
      poller.add(fd, this);
    } catch (error) {
      calls.close(fd);
      throw error;
    }
  }

  handleReadable(): boolean {
    const memory = this.#memory;
    // One a call: level-triggered, the poller tells of the next one, and a flood at one socket starves no other.
    memory.sizeWords[0] = SOCKET_ADDRESS_BYTES;
    const length = this.#calls.recvfrom(
      this.#fd,
      memory.received,
      LARGEST_DATAGRAM,
      MSG_DONTWAIT,
      memory.source,
      memory.size,
    );
    if (length < 0) return false;
    const source = this.#source;
    source.read(memory.sourceWords);
    this.onDatagram?.(memory.receivedBytes(length), source.address, source.port);
    return false;
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    if (this.#isClosed) return;
    const [memory, target] = [this.#memory, this.#target];
    if (bytes.length > LARGEST_DATAGRAM)
      return this.#fail('EMSGSIZE', `${bytes.length} bytes are no datagram`);
    if (!target.assign(address, port)) {
      return this.#fail('EAFNOSUPPORT', `"${address}" is not an address of this socket's family`);
    }
    target.write(memory.targetWords);
    const sent = this.#calls.sendto(
      this.#fd,
      memory.addressFor(bytes),
      bytes.length,
      MSG_DONTWAIT,
      memory.target,
      target.sizeBytes,
    );
    if (sent < 0 && this.onError) this.onError(systemError(this.#calls, 'sendto'));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#poller.remove(this.#fd);
    this.#calls.close(this.#fd);
  }

  /** Where the kernel need not be asked. */
  #fail(code: string, reason: string): void {
    this.onError?.(Object.assign(new Error(reason), { code }));
  }
}

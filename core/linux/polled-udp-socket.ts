// A UDP socket by system calls: one to take a datagram in, one to send it, nothing made in between.
import { addressFamily, type Endpoint } from '../address.ts';
import { invariant } from '../errors.ts';
import type { DatagramHandler, UdpOptions, UdpSocket } from '../network.ts';
import { type KernelMemory, LARGEST_DATAGRAM, SOCKET_ADDRESS_BYTES } from './kernel-memory.ts';
import type { Poller, Readable } from './poller.ts';
import { AF_INET, AF_INET6, SocketAddress } from './socket-address.ts';
import { type SystemCalls, systemError } from './system-calls.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_TCLASS = 67;

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
    this.#fd = calls.socket(family === 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (this.#fd < 0) throw systemError(calls, 'socket');
    try {
      this.#configure(options, family === 6);
      this.local = this.#bind(options);
      poller.add(this.#fd, this);
    } catch (error) {
      calls.close(this.#fd);
      throw error;
    }
  }

  handleReadable(): void {
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
    if (length < 0) return;
    const source = this.#source;
    source.read(memory.sourceWords);
    this.onDatagram?.(memory.receivedBytes(length), source.address, source.port);
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

  #configure(options: UdpOptions, isV6: boolean): void {
    const { receiveBufferBytes, dscp } = options;
    if (isV6) this.#set(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    // Without the right to pass the system's limit, as much as it gives.
    if (receiveBufferBytes && !this.#set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBufferBytes)) {
      this.#set(SOL_SOCKET, SO_RCVBUF, receiveBufferBytes);
    }
    // RFC 2474 §3: the upper six bits. Where the kernel refuses it, the packets go as others do.
    if (dscp && isV6) this.#set(IPPROTO_IPV6, IPV6_TCLASS, dscp << 2);
    else if (dscp) this.#set(IPPROTO_IP, IP_TOS, dscp << 2);
  }

  #set(level: number, name: number, value: number): boolean {
    return this.#calls.setsockopt(this.#fd, level, name, new Int32Array([value]), 4) === 0;
  }

  #bind({ address, port }: UdpOptions): Endpoint {
    const [calls, memory, local] = [this.#calls, this.#memory, this.#target];
    local.assign(address, port);
    local.write(memory.targetWords);
    if (calls.bind(this.#fd, memory.target, local.sizeBytes) < 0) {
      throw systemError(calls, `bind ${address}:${port}`);
    }
    memory.sizeWords[0] = SOCKET_ADDRESS_BYTES;
    calls.getsockname(this.#fd, memory.source, memory.size);
    local.read(memory.sourceWords);
    return { address: local.address, port: local.port };
  }
}

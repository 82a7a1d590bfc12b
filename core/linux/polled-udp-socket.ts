// A UDP socket by system calls: one to take a datagram in, one to send it, nothing made in between.
import type { Endpoint } from '../address.ts';
import type { DatagramHandler, UdpOptions, UdpSocket } from '../network.ts';
import type { Poller, Readable } from './poller.ts';
import { AF_INET, AF_INET6, familyOf, SOCKET_ADDRESS_BYTES, SocketAddress } from './socket-address.ts';
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

/** No datagram is longer (RFC 768: a length of 16 bits). */
const LARGEST_DATAGRAM = 65_535;

/** What all sockets of one thread share: only one of them reads at a time. */
export class SharedBuffer {
  readonly bytes = new Uint8Array(LARGEST_DATAGRAM + 1);
  /** Views of the first bytes, by length: sound comes in few lengths, and each would cost an object a packet. */
  readonly #views: (Uint8Array | undefined)[] = [];

  first(length: number): Uint8Array {
    const known = this.#views[length];
    if (known) return known;
    const view = this.bytes.subarray(0, length);
    this.#views[length] = view;
    return view;
  }
}

export class PolledUdpSocket implements UdpSocket, Readable {
  onDatagram: DatagramHandler | undefined;
  onError: ((error: Error) => void) | undefined;
  readonly local: Endpoint;
  readonly #calls: SystemCalls;
  readonly #poller: Poller;
  readonly #buffer: SharedBuffer;
  readonly #fd: number;
  readonly #source: SocketAddress;
  readonly #sourceSize = new Uint32Array([SOCKET_ADDRESS_BYTES]);
  readonly #target: SocketAddress;
  #isClosed = false;

  /** @throws an error with `code`, as Node's own network does: EADDRINUSE … */
  constructor(calls: SystemCalls, poller: Poller, buffer: SharedBuffer, options: UdpOptions) {
    const family = familyOf(options.address);
    this.#calls = calls;
    this.#poller = poller;
    this.#buffer = buffer;
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
    const [calls, buffer] = [this.#calls, this.#buffer];
    // One a call: level-triggered, the poller tells of the next one, and a flood at one socket starves no other.
    const length = calls.recvfrom(
      this.#fd,
      buffer.bytes,
      LARGEST_DATAGRAM,
      MSG_DONTWAIT,
      this.#source.bytes,
      this.#sourceSize,
    );
    if (length < 0) return;
    this.#source.refresh();
    this.onDatagram?.(buffer.first(length), this.#source.address, this.#source.port);
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    if (this.#isClosed) return;
    const target = this.#target;
    if (!target.assign(address, port))
      return this.#fail(`"${address}" is not an address of this socket's family`);
    const sent = this.#calls.sendto(
      this.#fd,
      bytes,
      bytes.length,
      MSG_DONTWAIT,
      target.bytes,
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

  #fail(reason: string): void {
    this.onError?.(new Error(reason));
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
    const local = new SocketAddress(familyOf(address));
    local.assign(address, port);
    if (this.#calls.bind(this.#fd, local.bytes, local.sizeBytes) < 0) {
      throw systemError(this.#calls, `bind ${address}:${port}`);
    }
    this.#calls.getsockname(this.#fd, local.bytes, new Uint32Array([SOCKET_ADDRESS_BYTES]));
    local.refresh();
    return { address: local.address, port: local.port };
  }
}

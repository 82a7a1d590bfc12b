// A bound UDP socket of the kernel, as a file descriptor.
import { addressFamily, type Endpoint } from '../address.ts';
import { invariant } from '../errors.ts';
import type { UdpOptions } from '../network.ts';
import { SOCKET_ADDRESS_BYTES } from './kernel-memory.ts';
import { AF_INET, AF_INET6, SocketAddress } from './socket-address.ts';
import { type SystemCalls, systemError } from './system-calls.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_TCLASS = 67;

export interface UdpDescriptor {
  readonly fd: number;
  readonly local: Endpoint;
}

/**
 * The descriptor is the caller's to close.
 *
 * @throws an error with `code`, as Node's own network does: EADDRINUSE …
 */
export function openUdpDescriptor(calls: SystemCalls, options: UdpOptions): UdpDescriptor {
  const family = addressFamily(options.address);
  invariant(family, 'sockets are bound to numeric addresses');
  const isV6 = family === 6;
  const fd = calls.socket(isV6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw systemError(calls, 'socket');
  try {
    configure(calls, fd, { ...options, isV6 });
    return { fd, local: bind(calls, fd, { ...options, isV6 }) };
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}

function configure(
  calls: SystemCalls,
  fd: number,
  { receiveBufferBytes, dscp, isV6 }: UdpOptions & { readonly isV6: boolean },
): void {
  const set = (level: number, name: number, value: number) =>
    calls.setsockopt(fd, level, name, new Int32Array([value]), 4) === 0;
  if (isV6) set(IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // Without the right to pass the system's limit, as much as it gives.
  if (receiveBufferBytes && !set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBufferBytes)) {
    set(SOL_SOCKET, SO_RCVBUF, receiveBufferBytes);
  }
  // RFC 2474 §3: the upper six bits. Where the kernel refuses it, the packets go as others do.
  if (dscp && isV6) set(IPPROTO_IPV6, IPV6_TCLASS, dscp << 2);
  else if (dscp) set(IPPROTO_IP, IP_TOS, dscp << 2);
}

function bind(
  calls: SystemCalls,
  fd: number,
  { address, port, isV6 }: UdpOptions & { readonly isV6: boolean },
): Endpoint {
  const local = new SocketAddress(isV6 ? 6 : 4);
  local.assign(address, port);
  // Off the heap, so that it does not move.
  const words = new Int32Array(new ArrayBuffer(64));
  const at = calls.addressOf(words);
  local.write(words);
  if (calls.bind(fd, at, local.sizeBytes) < 0) throw systemError(calls, `bind ${address}:${port}`);
  const sizeIndex = 8;
  words[sizeIndex] = SOCKET_ADDRESS_BYTES;
  calls.getsockname(fd, at, at + 4 * sizeIndex);
  local.read(words);
  return { address: local.address, port: local.port };
}

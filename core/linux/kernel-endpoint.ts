// One endpoint as the kernel has it, in memory that stays where it is.
import { addressFamily, type Endpoint } from '../address.ts';
import { invariant } from '../errors.ts';
import { SocketAddress } from './socket-address.ts';
import type { SystemCalls } from './system-calls.ts';

const HIGH = 0x1_0000_0000;

/** Where to send, again and again. */
export class KernelEndpoint {
  /** Where the kernel finds it, as a number and as the two words of a pointer. */
  readonly at: number;
  readonly low: number;
  readonly high: number;
  /** Of its structure. */
  readonly sizeBytes: number;
  /** The structure itself; it keeps the memory alive. */
  readonly words = new Int32Array(new ArrayBuffer(64));

  /** @param endpoint - with a numeric address */
  constructor(calls: SystemCalls, endpoint: Endpoint) {
    const family = addressFamily(endpoint.address);
    invariant(family, 'endpoints of sockets are numeric');
    const address = new SocketAddress(family);
    address.assign(endpoint.address, endpoint.port);
    address.write(this.words);
    this.sizeBytes = address.sizeBytes;
    this.at = calls.addressOf(this.words);
    this.low = (this.at % HIGH) | 0;
    this.high = Math.floor(this.at / HIGH);
  }
}

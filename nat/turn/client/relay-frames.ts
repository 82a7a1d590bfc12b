// Data on the way to a peer and from it: in ChannelData, or in Send and Data indications (RFC 8656 §11, §12).
import type { Endpoint, Random } from '../../../core/index.ts';
import { setUint16 } from '../../stun/header.ts';
import { ATTRIBUTE, METHOD, type StunMessage, StunWriter, TRANSACTION_ID_BYTES } from '../../stun/index.ts';
import { CHANNEL_DATA_HEADER_BYTES } from '../channel-data.ts';
import type { RelayedData } from './types.ts';

const FIRST_FRAME_BYTES = 512;

/** Writes ChannelData into one buffer over and over. */
export class ChannelDataWriter {
  readonly #isPadded: boolean;
  #buffer = new Uint8Array(FIRST_FRAME_BYTES);
  /** The part that went out last: sound keeps its length, so that no view is cut for every packet. */
  #view = this.#buffer;

  /** @param isPadded - RFC 8656 §12.5: to a multiple of four bytes, over TCP and TLS */
  constructor(isPadded: boolean) {
    this.#isPadded = isPadded;
  }

  /** @returns a frame that is valid until the next call; a copy over TCP, which keeps what it is given */
  write(channel: number, data: Uint8Array): Uint8Array {
    const sizeBytes = CHANNEL_DATA_HEADER_BYTES + data.length;
    if (this.#isPadded) return fill(new Uint8Array((sizeBytes + 3) & ~3), channel, data);
    if (this.#view.length !== sizeBytes) this.#resize(sizeBytes);
    return fill(this.#view, channel, data);
  }

  #resize(sizeBytes: number): void {
    if (this.#buffer.length < sizeBytes) this.#buffer = new Uint8Array(sizeBytes);
    this.#view = this.#buffer.subarray(0, sizeBytes);
  }
}

function fill(frame: Uint8Array, channel: number, data: Uint8Array): Uint8Array {
  setUint16(frame, 0, channel);
  setUint16(frame, 2, data.length);
  frame.set(data, CHANNEL_DATA_HEADER_BYTES);
  return frame;
}

/** RFC 8656 §11.1. */
export function sendIndication(random: Random, peer: Endpoint, data: Uint8Array): Uint8Array {
  const transactionId = random.bytes(TRANSACTION_ID_BYTES);
  return new StunWriter({ method: METHOD.send, class: 'indication', transactionId })
    .xorAddress(ATTRIBUTE.xorPeerAddress, peer)
    .add(ATTRIBUTE.data, data)
    .finish();
}

/** RFC 8489 §7.3.2: says nothing and keeps the mapping of a NAT. */
export function keepAliveIndication(random: Random): Uint8Array {
  const transactionId = random.bytes(TRANSACTION_ID_BYTES);
  return new StunWriter({ method: METHOD.binding, class: 'indication', transactionId })
    .fingerprint()
    .finish();
}

/** RFC 8656 §11.4. @returns undefined where it is none, or lacks peer or data */
export function readDataIndication(message: StunMessage): RelayedData | undefined {
  if (message.class !== 'indication' || message.method !== METHOD.data) return undefined;
  const peer = message.xorAddress(ATTRIBUTE.xorPeerAddress);
  const data = message.value(ATTRIBUTE.data);
  return peer && data ? { peer, data } : undefined;
}

// The server's side of Binding: tells whoever asks where the request came from (RFC 8489 §6.3.1, §12).
import { DecodeError, type Endpoint } from '../../core/index.ts';
import { ATTRIBUTE } from './attribute.ts';
import { answerClassicBinding, readClassicBinding } from './classic-binding.ts';
import { HEADER_BYTES } from './header.ts';
import { checkFingerprint } from './integrity.ts';
import { decodeStun, type StunMessage } from './message.ts';
import { METHOD } from './method.ts';
import { StunWriter } from './writer.ts';

export interface BindingResponderOptions {
  /** SOFTWARE of our answers (ASCII), where there is room for it; none where not given. */
  readonly software?: string;
}

/** What came, and what was made of it. */
export interface BindingCounters {
  answered: number;
  /** Answered as RFC 3489 had it. */
  answeredClassic: number;
  /** 420: an attribute that must be understood and is not. */
  refused: number;
  /** Taken, and no answer is due. */
  indications: number;
  /** Dropped: no STUN, a wrong fingerprint, another method, a response. */
  dropped: number;
}

/**
 * What a server of Binding understands (RFC 8489 §6.3.1). Credentials are among it, and nobody is asked for them:
 * anybody may know his own address.
 */
export const BINDING_ATTRIBUTES: ReadonlySet<number> = new Set([
  ATTRIBUTE.username,
  ATTRIBUTE.userhash,
  ATTRIBUTE.realm,
  ATTRIBUTE.nonce,
  ATTRIBUTE.messageIntegrity,
  ATTRIBUTE.messageIntegritySha256,
  ATTRIBUTE.passwordAlgorithm,
]);

const UNKNOWN_ATTRIBUTE = 'Unknown Attribute';
/** How many attributes a 420 names. */
const MAX_LISTED = 64;

/**
 * Holds nothing of those who ask, so that nobody can make it grow.
 *
 * Whoever forges his source makes us send to a third party. So an answer is what it must be, 32 bytes to one over IPv4
 * and 44 over IPv6, and only what has room within the size of the request comes on top of it: SOFTWARE and the words
 * of an error. FINGERPRINT answers a FINGERPRINT of the same size.
 */
export class BindingResponder {
  readonly counters: BindingCounters = {
    answered: 0,
    answeredClassic: 0,
    refused: 0,
    indications: 0,
    dropped: 0,
  };
  readonly #software: string | undefined;

  constructor(options: BindingResponderOptions = {}) {
    this.#software = options.software;
  }

  /** Takes a datagram, or a frame of a stream. @returns the answer that goes back, if one is due */
  handleDatagram(bytes: Uint8Array, source: Endpoint): Uint8Array | undefined {
    const message = decodeStun(bytes);
    if (!(message instanceof DecodeError)) return this.handleMessage(message, source);
    const classic = readClassicBinding(bytes);
    // Departs from RFC 5389 §12.2: a client of that time takes the 420 for the answer that it wanted from elsewhere.
    if (!classic || classic.changesAddress || classic.changesPort) {
      this.counters.dropped += 1;
      return undefined;
    }
    this.counters.answeredClassic += 1;
    return answerClassicBinding(classic, { mapped: source });
  }

  /** The same for a message that is decoded already. */
  handleMessage(message: StunMessage, source: Endpoint): Uint8Array | undefined {
    // §6.3, §7: of another method, or with a FINGERPRINT that does not fit: as if it had never come.
    const isOurs = message.method === METHOD.binding && checkFingerprint(message) !== 'wrong';
    if (isOurs && message.class === 'request') return this.#answer(message, source);
    if (isOurs && message.class === 'indication') this.counters.indications += 1;
    else this.counters.dropped += 1;
    return undefined;
  }

  #answer(request: StunMessage, source: Endpoint): Uint8Array {
    const unknown = request.unknownAttributes(BINDING_ATTRIBUTES);
    if (unknown.length > 0) {
      this.counters.refused += 1;
      return refuseUnknown(request, unknown);
    }
    this.counters.answered += 1;
    const writer = answerTo(request, 'success').xorAddress(ATTRIBUTE.xorMappedAddress, source);
    return sealAnswer(writer, request, this.#software);
  }
}

/** An answer without attributes yet. */
export function answerTo(request: StunMessage, answerClass: 'success' | 'error'): StunWriter {
  return new StunWriter({
    method: request.method,
    class: answerClass,
    transactionId: request.transactionId,
  });
}

/** 420 (§6.3.1), with two bytes for each attribute of four or more: larger than the request by 12 bytes at most. */
export function refuseUnknown(request: StunMessage, unknown: readonly number[]): Uint8Array {
  const listed = unknown.slice(0, MAX_LISTED);
  const leastBytes = HEADER_BYTES + 8 + 4 + padded(2 * listed.length) + fingerprintBytes(request);
  const hasRoom = leastBytes + padded(UNKNOWN_ATTRIBUTE.length) <= request.bytes.length;
  const writer = answerTo(request, 'error').error(420, hasRoom ? UNKNOWN_ATTRIBUTE : '');
  return sealAnswer(writer.unknownAttributes(listed), request);
}

/** Adds SOFTWARE where the answer stays within the size of the request, and FINGERPRINT where that had one. */
export function sealAnswer(writer: StunWriter, request: StunMessage, software = ''): Uint8Array {
  const softwareBytes = 4 + padded(software.length);
  const roomBytes = request.bytes.length - writer.lengthBytes - fingerprintBytes(request);
  if (software !== '' && softwareBytes <= roomBytes) writer.text(ATTRIBUTE.software, software);
  return request.has(ATTRIBUTE.fingerprint) ? writer.fingerprint().finish() : writer.finish();
}

function fingerprintBytes(request: StunMessage): number {
  return request.has(ATTRIBUTE.fingerprint) ? 8 : 0;
}

function padded(lengthBytes: number): number {
  return (lengthBytes + 3) & ~3;
}

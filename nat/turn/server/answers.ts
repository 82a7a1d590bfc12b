// What the server answers: success, or an error with its reason (RFC 8489 §6.3.1, RFC 8656 §19).
import type { AddressFamily } from '../../../core/index.ts';
import { ATTRIBUTE } from '../../stun/attribute.ts';
import type { StunMessage } from '../../stun/message.ts';
import { StunWriter } from '../../stun/writer.ts';
import { encodeAddressFamily } from '../values.ts';
import { type Authenticated, PASSWORD_ALGORITHMS } from './authenticator.ts';

export type TurnErrorCode = 400 | 401 | 403 | 420 | 437 | 438 | 440 | 441 | 442 | 443 | 486 | 508;

const REASONS: Readonly<Record<TurnErrorCode, string>> = {
  400: 'Bad Request',
  // A stranger's answer is to be short (RFC 8656 §21.1.6), and the number says it all.
  401: '',
  403: 'Forbidden',
  420: 'Unknown Attribute',
  437: 'Allocation Mismatch',
  438: '',
  440: 'Address Family not Supported',
  441: 'Wrong Credentials',
  442: 'Unsupported Transport Protocol',
  443: 'Peer Address Family Mismatch',
  486: 'Allocation Quota Reached',
  508: 'Insufficient Capacity',
};

/** ADDRESS-ERROR-CODE (RFC 8656 §18.12): why there is no relay of that family. */
export function addressError(family: AddressFamily, code: 440 | 508): Uint8Array {
  const reason = new TextEncoder().encode(REASONS[code]);
  const value = new Uint8Array(4 + reason.length);
  value.set([...encodeAddressFamily(family).subarray(0, 1), 0, Math.floor(code / 100), code % 100]);
  value.set(reason, 4);
  return value;
}

/** Begins a success response. */
export function success(request: StunMessage): StunWriter {
  return new StunWriter({
    method: request.method,
    class: 'success',
    transactionId: request.transactionId,
  });
}

/** Begins an error response. */
export function refusal(request: StunMessage, code: TurnErrorCode): StunWriter {
  const head = { method: request.method, class: 'error', transactionId: request.transactionId } as const;
  return new StunWriter(head).error(code, REASONS[code]);
}

/** Ends an answer to a proven user: with the integrity that his request has (RFC 8489 §9.2.4). */
export function sealFor(
  writer: StunWriter,
  request: StunMessage,
  { key, algorithm }: Authenticated,
): Uint8Array {
  return withFingerprint(writer.integrity(key, algorithm), request);
}

/** 401 and 438: what it takes to ask again. */
export function challenge(
  request: StunMessage,
  code: 401 | 438,
  { realm, nonce }: { readonly realm: string; readonly nonce: string },
): Uint8Array {
  const writer = refusal(request, code).text(ATTRIBUTE.realm, realm).text(ATTRIBUTE.nonce, nonce);
  return withFingerprint(writer.add(ATTRIBUTE.passwordAlgorithms, PASSWORD_ALGORITHMS), request);
}

/** Where the request has one, it came over a port on which it is needed (RFC 8489 §7). */
export function withFingerprint(writer: StunWriter, request: StunMessage): Uint8Array {
  return request.has(ATTRIBUTE.fingerprint) ? writer.fingerprint().finish() : writer.finish();
}

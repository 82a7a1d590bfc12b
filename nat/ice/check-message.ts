// Connectivity checks as STUN messages (RFC 8445 §7.1): written, and proven to be the peer's.
import type { Endpoint } from '../../core/index.ts';
import {
  ATTRIBUTE,
  checkFingerprint,
  checkIntegrity,
  METHOD,
  type StunKey,
  type StunMessage,
  StunWriter,
  shortTermKey,
} from '../stun/index.ts';
import type { IceCredentials, IceRole } from './types.ts';

/** What a check says of whoever sent it, its authorship proven. */
export interface IncomingCheck {
  readonly message: StunMessage;
  /** PRIORITY: of the peer-reflexive candidate that the sender may turn out to be (RFC 8445 §7.1.1). */
  readonly priority: number;
  /** USE-CANDIDATE (RFC 8445 §7.1.2). */
  readonly isNominating: boolean;
  /** The role that the sender believes to have; undefined where it does not tell. */
  readonly role: IceRole | undefined;
  /** 64 bits; 0 where the sender does not tell. */
  readonly tieBreaker: bigint;
  /** To be answered with 420 where there are any (RFC 8489 §6.3.1). */
  readonly unknownAttributes: readonly number[];
}

/**
 * Why a message is no check of the peer: `not-a-check` it is no Binding request with FINGERPRINT in order,
 * `no-credentials` it proves nothing, `wrong-username` and `wrong-password` it proves something else, `malformed` an
 * attribute of ICE is missing or makes no sense.
 */
export type CheckFault = 'not-a-check' | 'no-credentials' | 'wrong-username' | 'wrong-password' | 'malformed';

const KNOWN_ATTRIBUTES: ReadonlySet<number> = new Set([
  ATTRIBUTE.username,
  ATTRIBUTE.messageIntegrity,
  ATTRIBUTE.messageIntegritySha256,
  ATTRIBUTE.priority,
  ATTRIBUTE.useCandidate,
]);

const MAX_PRIORITY = 0x7fffffff;

/**
 * Proves that a check was written by who knows our password (RFC 8445 §7.3, RFC 8489 §9.1.3).
 *
 * @param local - of the agent that the check is for
 * @param remoteUfrag - of the agent that it must be from; anybody with our password where it is not known yet
 */
export function verifyCheck(
  message: StunMessage,
  local: IceCredentials,
  remoteUfrag?: string,
): IncomingCheck | CheckFault {
  const isRequest = message.class === 'request' && message.method === METHOD.binding;
  if (!isRequest || checkFingerprint(message) === 'wrong') return 'not-a-check';
  const username = message.text(ATTRIBUTE.username);
  if (username === undefined) return 'no-credentials';
  if (!isUsername(username, local.ufrag, remoteUfrag)) return 'wrong-username';
  const integrity = checkIntegrity(message, shortTermKey(local.password));
  if (integrity !== 'valid') return integrity === 'absent' ? 'no-credentials' : 'wrong-password';
  return read(message);
}

/** RFC 8445 §7.2.2: whom the check is for, a colon, whom it is from. */
function isUsername(username: string, localUfrag: string, remoteUfrag: string | undefined): boolean {
  if (remoteUfrag === undefined) return username.startsWith(`${localUfrag}:`);
  return username === `${localUfrag}:${remoteUfrag}`;
}

function read(message: StunMessage): IncomingCheck | CheckFault {
  const priority = message.uint32(ATTRIBUTE.priority);
  if (priority === undefined || priority === 0 || priority > MAX_PRIORITY) return 'malformed';
  const controlling = message.uint64(ATTRIBUTE.iceControlling);
  const controlled = message.uint64(ATTRIBUTE.iceControlled);
  if (controlling !== undefined && controlled !== undefined) return 'malformed';
  return {
    message,
    priority,
    isNominating: message.has(ATTRIBUTE.useCandidate),
    role: controlling !== undefined ? 'controlling' : controlled !== undefined ? 'controlled' : undefined,
    tieBreaker: controlling ?? controlled ?? 0n,
    unknownAttributes: message.unknownAttributes(KNOWN_ATTRIBUTES),
  };
}

/** What a check of ours says. */
export interface OutgoingCheck {
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  /** Of the peer: the name and the key are its own. */
  readonly remote: IceCredentials;
  readonly localUfrag: string;
  readonly priority: number;
  readonly role: IceRole;
  readonly tieBreaker: bigint;
  readonly isNominating: boolean;
}

/** A Binding request (RFC 8445 §7.2.2). */
export function encodeCheck(check: OutgoingCheck): Uint8Array {
  const { transactionId, remote, role, tieBreaker } = check;
  const writer = new StunWriter({ method: METHOD.binding, class: 'request', transactionId })
    .text(ATTRIBUTE.username, `${remote.ufrag}:${check.localUfrag}`)
    .uint32(ATTRIBUTE.priority, check.priority)
    .uint64(role === 'controlling' ? ATTRIBUTE.iceControlling : ATTRIBUTE.iceControlled, tieBreaker);
  if (check.isNominating) writer.flag(ATTRIBUTE.useCandidate);
  return writer.integrity(shortTermKey(remote.password)).fingerprint().finish();
}

/** The answer to a check, sealed with the password that the check was sealed with (RFC 8445 §7.3). */
export function encodeCheckSuccess(
  { message }: IncomingCheck,
  local: IceCredentials,
  source: Endpoint,
): Uint8Array {
  return seal(answerTo(message, 'success').xorAddress(ATTRIBUTE.xorMappedAddress, source), message, local);
}

/** 487: the sender is to take the other role (RFC 8445 §7.3.1.1). */
export function encodeRoleConflict({ message }: IncomingCheck, local: IceCredentials): Uint8Array {
  return seal(answerTo(message, 'error').error(487, 'Role Conflict'), message, local);
}

/** 420: the check holds what must be understood and is not (RFC 8489 §6.3.1.1). */
export function encodeUnknownAttributes(
  { message, unknownAttributes }: IncomingCheck,
  local: IceCredentials,
): Uint8Array {
  const writer = answerTo(message, 'error').error(420, '').unknownAttributes(unknownAttributes);
  return seal(writer, message, local);
}

function answerTo(message: StunMessage, messageClass: 'success' | 'error'): StunWriter {
  const { transactionId } = message;
  return new StunWriter({ method: METHOD.binding, class: messageClass, transactionId });
}

/** RFC 8489 §9.1.4: an answer is sealed by the algorithm of its request. */
function seal(writer: StunWriter, request: StunMessage, { password }: IceCredentials): Uint8Array {
  const algorithm = request.has(ATTRIBUTE.messageIntegritySha256) ? 'sha256' : 'sha1';
  return writer.integrity(shortTermKey(password), algorithm).fingerprint().finish();
}

/** Whether an answer was written by who knows the peer's password (RFC 8489 §9.1.4). */
export function isAnswerOf(answer: StunMessage, remoteKey: StunKey): boolean {
  return checkFingerprint(answer) !== 'wrong' && checkIntegrity(answer, remoteKey) === 'valid';
}

// STUN messages (RFC 8489): read, written, proven.
export { ATTRIBUTE, mustBeUnderstood } from './attribute.ts';
export { HEADER_BYTES, TRANSACTION_ID_BYTES } from './header.ts';
export {
  checkFingerprint,
  checkIntegrity,
  type IntegrityVerdict,
  longTermKey,
  type PasswordAlgorithm,
  type StunKey,
  shortTermKey,
  userhashOf,
} from './integrity.ts';
export { decodeStun, type StunAttribute, type StunError, StunMessage, transactionKeyOf } from './message.ts';
export { METHOD, type StunClass } from './method.ts';
export { type StunHead, StunWriter } from './writer.ts';

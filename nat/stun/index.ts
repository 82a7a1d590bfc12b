// STUN messages (RFC 8489): read, written, proven.
export { ATTRIBUTE, mustBeUnderstood } from './attribute.ts';
export {
  answerTo,
  BINDING_ATTRIBUTES,
  type BindingCounters,
  BindingResponder,
  type BindingResponderOptions,
  refuseUnknown,
  sealAnswer,
} from './binding-responder.ts';
export { answerClassicBinding, type ClassicBinding, readClassicBinding } from './classic-binding.ts';
export {
  INITIAL_RTO_MS,
  LAST_WAIT_FACTOR,
  RELIABLE_TIMEOUT_MS,
  REQUEST_COUNT,
  type StunClientCounters,
  StunClientTransactions,
  type StunDatagram,
  type StunOutcome,
  type StunRequest,
  type StunResult,
  type StunTiming,
} from './client-transactions.ts';
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
export { type ChallengeVerdict, LongTermCredentials, type StunSignature } from './long-term-credentials.ts';
export { decodeStun, type StunAttribute, type StunError, StunMessage, transactionKeyOf } from './message.ts';
export { METHOD, type StunClass } from './method.ts';
export { hasFeature, nonceCookie, type StunSecurityFeature } from './nonce-cookie.ts';
export {
  encodePasswordAlgorithms,
  PASSWORD_ALGORITHM_NUMBER,
  readPasswordAlgorithms,
} from './password-algorithms.ts';
export { MAX_FRAME_BYTES, padForStream, StunStreamFramer } from './stream-framer.ts';
export { type StunHead, StunWriter } from './writer.ts';

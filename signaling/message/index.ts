// SIP messages: parsing, building, serializing, framing. RFC 3261 §7, §19, §20, §25.
export {
  type AuthParameter,
  type AuthParameters,
  formatAuthParameters,
  parseAuthList,
  parseAuthParameters,
} from './auth-parameters.ts';
export {
  type CreateRequestOptions,
  type CreateResponseOptions,
  createRequest,
  createResponse,
} from './create.ts';
export { formatCseq, parseCseq } from './cseq.ts';
export { escapeUser, normalizeEscapes, unescapeUser } from './escapes.ts';
export { quote, splitList, unquote } from './grammar.ts';
export { headerId } from './header-name.ts';
export type { HeaderChanges } from './header-table.ts';
export { MAX_HEADER_BYTES, MAX_HEADER_FIELDS, MAX_MESSAGE_BYTES } from './limits.ts';
export { type Answerable, MalformedRequest, type MalformedStatus } from './malformed-request.ts';
export { type MessageChanges, SipMessage } from './message.ts';
export { formatNameAddr, parseNameAddr } from './name-addr.ts';
export {
  formatParameters,
  NO_PARAMETERS,
  parameterText,
  parseParameters,
  withoutParameter,
  withParameter,
} from './parameters.ts';
export { parseMessage } from './parse.ts';
export { defaultReason } from './reasons.ts';
export { type RequestChanges, SipRequest } from './request.ts';
export { SipResponse } from './response.ts';
export { serializeMessage } from './serialize.ts';
export { StreamFramer } from './stream-framer.ts';
export type * from './types.ts';
export { formatUri, parseUri, type SipUriParts, sipUri } from './uri.ts';
export { isSameUri } from './uri-comparison.ts';
export { formatVia, parseVia } from './via.ts';

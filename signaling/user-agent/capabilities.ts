// What a user agent answers when nobody else does.
import type { ServerTransaction } from '../endpoint/types.ts';
import type { HeaderField } from '../message/index.ts';
import { ALLOW, respond, SDP_TYPE, SUPPORTED_OPTIONS } from '../session/index.ts';

/** What we can do (RFC 3261 §11.2). */
export const CAPABILITY_HEADERS: readonly HeaderField[] = [
  ['Allow', ALLOW],
  ['Accept', SDP_TYPE],
  ['Supported', SUPPORTED_OPTIONS.join(', ')],
];

/** OPTIONS tells what we can do; other requests outside dialogs are not allowed here. */
export function answerOptions(transaction: ServerTransaction): void {
  const status = transaction.request.method === 'OPTIONS' ? 200 : 405;
  respond(transaction, status, { headers: CAPABILITY_HEADERS });
}

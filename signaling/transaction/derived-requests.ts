// The two requests that the transaction layer makes out of an INVITE.
import { createRequest, type HeaderField, type SipRequest, type SipResponse } from '../message/index.ts';

/** ACK to a final response other than 2xx (RFC 3261 §17.1.1.3): To of the response, the rest of the INVITE. */
export function ackToFailure(invite: SipRequest, response: SipResponse): SipRequest {
  return derive(invite, 'ACK', response.header('To') ?? '', []);
}

/** CANCEL (RFC 3261 §9.1): everything of the INVITE, the To without a tag of the response included. */
export function cancelOf(invite: SipRequest, headers: readonly HeaderField[]): SipRequest {
  return derive(invite, 'CANCEL', invite.header('To') ?? '', headers);
}

/** Same Request-URI, Call-ID, From, CSeq number, Route; a single Via, the topmost of the INVITE. */
function derive(
  invite: SipRequest,
  method: 'ACK' | 'CANCEL',
  to: string,
  more: readonly HeaderField[],
): SipRequest {
  const headers: HeaderField[] = [['Via', invite.header('Via') ?? '']];
  for (const route of invite.headerValues('Route')) headers.push(['Route', route]);
  headers.push(
    ['Max-Forwards', '70'],
    ['From', invite.header('From') ?? ''],
    ['To', to],
    ['Call-ID', invite.callId],
    ['CSeq', `${invite.cseq.sequenceNumber} ${method}`],
    ...more,
  );
  return createRequest({ method, requestUri: invite.requestUri, headers });
}

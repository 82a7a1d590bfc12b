// The first INVITE of a session, and what its ACK has to repeat.
import {
  createRequest,
  formatCseq,
  formatNameAddr,
  type HeaderField,
  type NameAddr,
  type SipRequest,
} from '../message/index.ts';
import { ALLOW, SDP_TYPE } from './constants.ts';
import type { InviteOptions } from './types.ts';

/** RFC 3261 §8.1.1.6. */
const MAX_FORWARDS = 70;

export interface InviteParts {
  /** With our tag. */
  readonly local: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly sequenceNumber: number;
}

export function buildInvite(options: InviteOptions, parts: InviteParts): SipRequest {
  const routes = (options.routeSet ?? []).map((route): HeaderField => ['Route', formatNameAddr(route)]);
  return createRequest({
    method: 'INVITE',
    requestUri: options.target,
    headers: [
      ...routes,
      ['Max-Forwards', String(options.maxForwards ?? MAX_FORWARDS)],
      ['From', formatNameAddr(parts.local)],
      ['To', formatNameAddr(parts.to)],
      ['Call-ID', parts.callId],
      ['CSeq', formatCseq({ sequenceNumber: parts.sequenceNumber, method: 'INVITE' })],
      ['Allow', ALLOW],
      ...(options.headers ?? []),
    ],
    body: options.sdp,
    contentType: options.sdp === undefined ? undefined : SDP_TYPE,
  });
}

/** RFC 3261 §13.2.2.4: the ACK carries the credentials of its INVITE. */
export function credentialsOf(invite: SipRequest): HeaderField[] {
  return ['Authorization', 'Proxy-Authorization'].flatMap((name) => {
    const value = invite.header(name);
    return value === undefined ? [] : [[name, value] satisfies HeaderField];
  });
}

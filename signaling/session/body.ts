// SDP in and out of messages.
import type { SipRequest, SipResponse } from '../message/index.ts';
import { SDP_TYPE } from './constants.ts';

/** The SDP of a message; undefined where its body is empty or something else. */
export function sdpOf(message: SipRequest | SipResponse): string | undefined {
  if (message.body.length === 0) return undefined;
  // RFC 3261 §20.15: a body needs a type; some old phones forget it.
  const type = message.contentType ?? SDP_TYPE;
  return type === SDP_TYPE ? message.bodyText : undefined;
}

/** Whether a list header has an option tag. */
export function hasOption(message: SipRequest | SipResponse, header: string, tag: string): boolean {
  return message.headerValues(header).some((value) => value.toLowerCase() === tag);
}

// What a dialled address means here: a user, a service, a room, or somebody elsewhere.

import { DecodeError } from '../../core/index.ts';
import {
  escapeUser,
  formatUri,
  parseUri,
  type SipUri,
  sipUri,
  type Uri,
  unescapeUser,
} from '../../signaling/index.ts';
import type { ForwardKind } from './types.ts';

/** Where a call is to go. */
export type Destination =
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'uri'; readonly uri: Uri }
  | { readonly kind: 'echo' }
  | { readonly kind: 'room'; readonly room: string }
  | { readonly kind: 'forward'; readonly forward: ForwardKind; readonly target: string | undefined }
  | { readonly kind: 'unsupported'; readonly status: 404 | 416 | 484; readonly reason: string };

/** What the dial plan must know of its surroundings. */
export interface DialPlanContext {
  isLocalHost(host: string): boolean;
  /** Whether a name means a conference room; never where not given. */
  isRoom?(name: string): boolean;
}

// Asterisk's star codes: the first sets, the second cancels.
const FORWARD_CODES: ReadonlyMap<string, readonly [ForwardKind, 'set' | 'cancel']> = new Map([
  ['*72', ['always', 'set']],
  ['*73', ['always', 'cancel']],
  ['*90', ['busy', 'set']],
  ['*91', ['busy', 'cancel']],
  ['*52', ['noAnswer', 'set']],
  ['*53', ['noAnswer', 'cancel']],
]);

const ECHO_CODE = '*43';

/** Finds the destination of a Request-URI that an authenticated user dialled. */
export function destinationOf(uri: Uri, context: DialPlanContext): Destination {
  if (uri.scheme === 'tel') return localDestination(uri.number, context);
  if (uri.scheme === 'other') {
    return {
      kind: 'unsupported',
      status: 416,
      reason: `no calls to ${quote(formatUri(uri))}: use sip: or tel:`,
    };
  }
  if (!context.isLocalHost(uri.host)) return { kind: 'uri', uri: asRequestUri(uri) };
  if (uri.user === undefined)
    return { kind: 'unsupported', status: 404, reason: 'the address names no user' };
  return localDestination(unescapeUser(uri.user), context);
}

/** Finds the destination of a forwarding target as a person wrote it: a name, a number, or a whole URI. */
export function destinationOfTarget(target: string, context: DialPlanContext): Destination {
  const uri = uriOfTarget(target);
  if (!uri)
    return { kind: 'unsupported', status: 404, reason: `the target ${quote(target)} is not an address` };
  const destination = uri === 'local' ? localDestination(target, context) : destinationOf(uri, context);
  // A forwarding ends at somebody's phone; a service would answer in the wrong person's name.
  return destination.kind === 'user' || destination.kind === 'uri' || destination.kind === 'unsupported'
    ? destination
    : { kind: 'unsupported', status: 404, reason: `the target ${quote(target)} is a service code` };
}

function uriOfTarget(target: string): Uri | 'local' | undefined {
  if (/^[\w.+*#~-]+$/.test(target)) return 'local';
  const text = /^(sips?|tel):/i.test(target) ? target : `sip:${target}`;
  const uri = parseUri(text);
  return uri instanceof DecodeError || uri.scheme === 'other' ? undefined : uri;
}

/** RFC 3261 §19.1.1: a Contact of a 302 may have headers and a method, a Request-URI has none. */
function asRequestUri(uri: SipUri): SipUri {
  const parameters = new Map(uri.parameters);
  parameters.delete('method');
  return { ...uri, parameters, headers: undefined };
}

function localDestination(dialled: string, context: DialPlanContext): Destination {
  if (dialled === ECHO_CODE) return { kind: 'echo' };
  const code = FORWARD_CODES.get(dialled.slice(0, 3));
  if (!code && context.isRoom?.(dialled)) return { kind: 'room', room: dialled };
  if (!code) return { kind: 'user', name: dialled };
  const [forward, action] = code;
  const target = dialled.slice(3);
  if (action === 'cancel') return { kind: 'forward', forward, target: undefined };
  return target === ''
    ? {
        kind: 'unsupported',
        status: 484,
        reason: `${dialled} wants the target right behind it, as in ${dialled}bob`,
      }
    : { kind: 'forward', forward, target };
}

/** The address-of-record of a local user. */
export function addressOfRecord(name: string, realm: string): Uri {
  return sipUri({ user: escapeUser(name), host: realm });
}

function quote(text: string): string {
  return JSON.stringify(text);
}

// What a REGISTER asks for, checked (RFC 3261 §10.2, §10.3 steps 6 and 7).
import type { NameAddr, SipRequest, SipUri } from '../message/index.ts';
import { DEFAULT_EXPIRES_SECONDS, MAX_CONTACTS, MAX_EXPIRES_SECONDS, MIN_EXPIRES_SECONDS } from './limits.ts';
import type { RegisterResult } from './types.ts';

/** One contact of a REGISTER. */
export interface AskedContact {
  readonly contact: SipUri;
  /** 0 removes it. */
  readonly expiresSeconds: number;
  readonly q: number;
  readonly instanceId: string | undefined;
  readonly regId: string | undefined;
  readonly knowsIce: boolean;
}

/** A REGISTER's wish: look, remove all, or change some. */
export type Asked =
  | { readonly kind: 'fetch' }
  | { readonly kind: 'removeAll' }
  | { readonly kind: 'update'; readonly contacts: readonly AskedContact[] }
  | { readonly kind: 'refused'; readonly result: RegisterResult };

/** Reads the Contacts of a REGISTER. One that is wrong refuses them all: an update is atomic (§10.3 step 7). */
export function readRegister(request: SipRequest): Asked {
  const values = request.headerValues('Contact');
  if (values.length === 0) return { kind: 'fetch' };
  if (values.includes('*')) {
    // §10.3 step 6: only alone, and only with Expires: 0.
    return values.length === 1 && request.expires === 0
      ? { kind: 'removeAll' }
      : refused(400, 'Contact * Goes Alone And With Expires 0');
  }
  if (request.contacts.length !== values.length) return refused(400, 'Bad Contact');
  if (values.length > MAX_CONTACTS) return refused(403, `At Most ${MAX_CONTACTS} Contacts`);
  const contacts: AskedContact[] = [];
  for (const value of request.contacts) {
    const asked = readContact(value, request.expires);
    if ('status' in asked) return { kind: 'refused', result: asked };
    contacts.push(asked);
  }
  return { kind: 'update', contacts };
}

function readContact(value: NameAddr, headerExpires: number | undefined): AskedContact | RegisterResult {
  const { uri, parameters } = value;
  // RFC 4475 §3.3.4: what cannot be called is not bound.
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return refusal(400, 'Contact Must Be A SIP URI');
  const q = readQ(parameters.get('q'));
  if (q === undefined) return refusal(400, 'Bad q In Contact');
  const asked = expiresOf(parameters.has('expires') ? parameters.get('expires') : headerExpires);
  // §10.3 step 7: too brief is 423; zero means removal and is never too brief.
  if (asked > 0 && asked < MIN_EXPIRES_SECONDS) {
    const headers = [['Min-Expires', String(MIN_EXPIRES_SECONDS)]] as const;
    return { status: 423, reason: undefined, headers };
  }
  return {
    // RFC 4475 §3.3.14: headers in a Contact would route other people's calls; they are not kept.
    contact: uri.headers === undefined ? uri : { ...uri, headers: undefined },
    expiresSeconds: Math.min(asked, MAX_EXPIRES_SECONDS),
    q,
    instanceId: parameters.get('+sip.instance'),
    regId: parameters.get('reg-id'),
    knowsIce: parameters.has('+sip.ice'),
  };
}

function expiresOf(value: string | number | undefined): number {
  if (typeof value === 'number') return value;
  // RFC 3261 §20.10: a malformed value is the default, 3600.
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : DEFAULT_EXPIRES_SECONDS;
}

/** qvalue of RFC 3261 §25.1. @returns undefined where it is none */
function readQ(text: string | undefined): number | undefined {
  if (text === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined;
}

function refused(status: number, reason: string): Asked {
  return { kind: 'refused', result: refusal(status, reason) };
}

/** An answer without headers. */
export function refusal(status: number, reason?: string): RegisterResult {
  return { status, reason, headers: [] };
}

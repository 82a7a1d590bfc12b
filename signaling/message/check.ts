// Validates what `parseMessage` leaves for later, so that a bad request gets its 400 before anybody acts on it.
import { DecodeError } from '../../core/index.ts';
import { parseAuthParameters } from './auth-parameters.ts';
import { parseDigits, shown, TOKEN } from './grammar.ts';
import type { SipMessage } from './message.ts';
import { parseNameAddr } from './name-addr.ts';

type Check = (text: string) => string | undefined;

interface Rule {
  readonly id: string;
  readonly name: string;
  /** Whether the header may appear once only (RFC 3261 §7.3.1). */
  readonly isSingle: boolean;
  /** Says what is wrong with one value. */
  readonly check: Check;
}

const MEDIA_TYPE = /^[\w.!%*+`'~-]+[ \t]*\/[ \t]*[\w.!%*+`'~-]+[ \t]*(?:;.*)?$/s;

const address: Check = (text) => {
  const parsed = parseNameAddr(text);
  return parsed instanceof DecodeError ? parsed.reason : undefined;
};

const seconds: Check = (text) =>
  parseDigits(text, 0) === undefined ? `${shown(text)} is no number of seconds` : undefined;

const secondsWithParameters: Check = (text) => seconds(text.split(';', 1)[0]?.trim() ?? '');

const token: Check = (text) => (TOKEN.test(text) ? undefined : `${shown(text)} is no token`);

const tokenWithParameters: Check = (text) => token(text.split(';', 1)[0]?.trim() ?? '');

const mediaType: Check = (text) =>
  MEDIA_TYPE.test(text) ? undefined : `${shown(text)} is no media type and subtype`;

const credentials: Check = (text) => {
  const parsed = parseAuthParameters(text);
  return parsed instanceof DecodeError ? parsed.reason : undefined;
};

const number: Check = (text) => (/^\d{1,10}$/.test(text) ? undefined : `${shown(text)} is no number`);

const rack: Check = (text) =>
  /^\d{1,10}[ \t]+\d{1,10}[ \t]+[\w.!%*+`'~-]+$/.test(text) ? undefined : `${shown(text)} is no RAck`;

const rule = (name: string, check: Check, count: 'one' | 'many' = 'many'): Rule => ({
  id: name.toLowerCase(),
  name,
  isSingle: count === 'one',
  check,
});

// Date is not here: nothing of ours depends on it, and a clock in local time (RFC 4475 §3.1.2.12) is no reason to refuse
// a call.
const RULES: readonly Rule[] = [
  rule('Route', address),
  rule('Record-Route', address),
  rule('Path', address),
  rule('Expires', seconds, 'one'),
  rule('Min-Expires', seconds, 'one'),
  rule('Session-Expires', secondsWithParameters, 'one'),
  rule('Min-SE', secondsWithParameters, 'one'),
  rule('Content-Type', mediaType, 'one'),
  rule('Require', token),
  rule('Proxy-Require', token),
  rule('Supported', token),
  rule('Allow', token),
  rule('Event', tokenWithParameters, 'one'),
  rule('RSeq', number, 'one'),
  rule('RAck', rack, 'one'),
  rule('Refer-To', address, 'one'),
  rule('Referred-By', address, 'one'),
  rule('Authorization', credentials),
  rule('Proxy-Authorization', credentials),
  rule('WWW-Authenticate', credentials),
  rule('Proxy-Authenticate', credentials),
];

const RULES_BY_ID: ReadonlyMap<string, Rule> = new Map(RULES.map((entry) => [entry.id, entry]));

// RFC 3261 §25.1: these may be empty.
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['supported', 'allow']);

/** @returns the first fault, with its place: `Contact[1]` */
export function checkMessage(message: SipMessage): DecodeError | undefined {
  const { ids } = message.headers;
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) continue;
    seen.add(id);
    const rule = RULES_BY_ID.get(id);
    const fault = rule ? checkHeader(message, rule) : id === 'contact' ? checkContacts(message) : undefined;
    if (fault) return fault;
  }
  return undefined;
}

function checkHeader(message: SipMessage, { id, name, isSingle, check }: Rule): DecodeError | undefined {
  const elements = message.headers.elements(id);
  if (isSingle && elements.length > 1) return fault(message, id, name, `${name} appears more than once`);
  if (MAY_BE_EMPTY.has(id) && elements.length === 1 && elements[0] === '') return undefined;
  for (const [index, element] of elements.entries()) {
    const reason = check(element);
    if (reason !== undefined) return fault(message, id, isSingle ? name : `${name}[${index}]`, reason);
  }
  return undefined;
}

/** RFC 3261 §10.2.2: `*` stands alone, and only in a REGISTER. */
function checkContacts(message: SipMessage): DecodeError | undefined {
  const elements = message.headers.elements('contact');
  if (elements.includes('*')) {
    if (elements.length === 1 && message.cseq.method === 'REGISTER') return undefined;
    return fault(message, 'contact', 'Contact', 'Contact * is not alone or not in a REGISTER');
  }
  for (const [index, element] of elements.entries()) {
    const reason = address(element);
    if (reason !== undefined) return fault(message, 'contact', `Contact[${index}]`, reason);
  }
  return undefined;
}

function fault(message: SipMessage, id: string, place: string, reason: string): DecodeError {
  const offset = message.headers.offsets[message.headers.ids.indexOf(id)] ?? -1;
  return new DecodeError('SIP_BAD_HEADER', place, reason, offset);
}

// Validates what `parseMessage` leaves for later, so that a bad request gets its 400 before anybody acts on it.
import { DecodeError } from '../../core/index.ts';
import { parseAuthParameters } from './auth-parameters.ts';
import { parseDigits, shown, TOKEN } from './grammar.ts';
import type { SipMessage } from './message.ts';
import { parseNameAddr } from './name-addr.ts';

/** Says what is wrong with one value. */
type Check = (text: string) => string | undefined;

/** Looks at all fields of one name. */
type Rule = (message: SipMessage) => DecodeError | undefined;

const MEDIA_TYPE = /^[\w.!%*+`'~-]+[ \t]*\/[ \t]*[\w.!%*+`'~-]+[ \t]*(?:;.*)?$/s;

const address: Check = (text) => {
  const parsed = parseNameAddr(text);
  return parsed instanceof DecodeError ? parsed.reason : undefined;
};

const seconds: Check = (text) =>
  parseDigits(text, 0) === undefined ? `${shown(text)} is no number of seconds` : undefined;

const secondsWithParameters: Check = (text) => seconds(text.split(';', 1)[0]?.trim() ?? '');

// An empty element asks for nothing: a comma too many is no reason to refuse a call.
const optionTag: Check = (text) =>
  text === '' || TOKEN.test(text) ? undefined : `${shown(text)} is no option tag`;

const tokenWithParameters: Check = (text) =>
  TOKEN.test(text.split(';', 1)[0]?.trim() ?? '') ? undefined : `${shown(text)} is no token`;

const mediaType: Check = (text) =>
  MEDIA_TYPE.test(text) ? undefined : `${shown(text)} is no media type and subtype`;

const credentials: Check = (text) => {
  const parsed = parseAuthParameters(text);
  return parsed instanceof DecodeError ? parsed.reason : undefined;
};

const number: Check = (text) => (/^\d{1,10}$/.test(text) ? undefined : `${shown(text)} is no number`);

const rack: Check = (text) =>
  /^\d{1,10}[ \t]+\d{1,10}[ \t]+[\w.!%*+`'~-]+$/.test(text) ? undefined : `${shown(text)} is no RAck`;

/** A header whose elements are all checked. */
function many(name: string, check: Check): [string, Rule] {
  const id = name.toLowerCase();
  const rule: Rule = (message) => {
    const elements = message.headers.elements(id);
    for (const [index, element] of elements.entries()) {
      const reason = check(element);
      if (reason !== undefined) return fault(message, id, `${name}[${index}]`, reason);
    }
    return undefined;
  };
  return [id, rule];
}

/** A header that may appear once only (RFC 3261 §7.3.1). */
function one(name: string, check: Check): [string, Rule] {
  const id = name.toLowerCase();
  const rule: Rule = (message) => {
    const [value = '', ...others] = message.headers.fields(id);
    const reason = others.length > 0 ? `${name} appears more than once` : check(value);
    return reason === undefined ? undefined : fault(message, id, name, reason);
  };
  return [id, rule];
}

/** A header of which the message has a getter: what is read here is read for good. */
function addresses(name: 'Contact' | 'Route' | 'Record-Route' | 'Path'): [string, Rule] {
  const id = ADDRESS_LIST_IDS[name];
  const rule: Rule = (message) => {
    const found = message.addressList(id).fault;
    return found && fault(message, id, `${name}[${found.index}]`, found.reason);
  };
  return [id, rule];
}

const ADDRESS_LIST_IDS = {
  Contact: 'contact',
  Route: 'route',
  'Record-Route': 'record-route',
  Path: 'path',
} as const;

const [, checkContactList] = addresses('Contact');

/** RFC 3261 §10.2.2: `*` stands alone, and only in a REGISTER. */
const checkContacts: Rule = (message) => {
  if (!message.headers.fields('contact').includes('*')) return checkContactList(message);
  if (message.headers.elements('contact').length === 1 && message.cseq.method === 'REGISTER')
    return undefined;
  return fault(message, 'contact', 'Contact', 'Contact * is not alone or not in a REGISTER');
};

// Date, Allow and Supported are not here: what cannot be read of them is as good as absent, and a clock in local time
// (RFC 4475 §3.1.2.12) is no reason to refuse a call.
const RULES_BY_ID: ReadonlyMap<string, Rule> = new Map([
  ['contact', checkContacts],
  addresses('Route'),
  addresses('Record-Route'),
  addresses('Path'),
  one('Expires', seconds),
  one('Min-Expires', seconds),
  one('Session-Expires', secondsWithParameters),
  one('Min-SE', secondsWithParameters),
  one('Content-Type', mediaType),
  many('Require', optionTag),
  many('Proxy-Require', optionTag),
  one('Event', tokenWithParameters),
  one('RSeq', number),
  one('RAck', rack),
  one('Refer-To', address),
  one('Referred-By', address),
  many('Authorization', credentials),
  many('Proxy-Authorization', credentials),
  many('WWW-Authenticate', credentials),
  many('Proxy-Authenticate', credentials),
]);

/** @returns the first fault, with its place: `Contact[1]` */
export function checkMessage(message: SipMessage): DecodeError | undefined {
  const { ids } = message.headers;
  for (const [index, id] of ids.entries()) {
    const rule = RULES_BY_ID.get(id);
    // All fields of one name are looked at when the first of them comes.
    const fault = rule && ids.indexOf(id) === index ? rule(message) : undefined;
    if (fault) return fault;
  }
  return undefined;
}

function fault(message: SipMessage, id: string, place: string, reason: string): DecodeError {
  const offset = message.headers.offsets[message.headers.ids.indexOf(id)] ?? -1;
  return new DecodeError('SIP_BAD_HEADER', place, reason, offset);
}

// Header names: case does not matter, and some have a one-letter form (RFC 3261 §7.3.1, §7.3.3).

const COMPACT_FORMS: readonly (readonly [string, string])[] = [
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
];

// The spelling of the RFCs; each is found without making a lower-case copy.
const COMMON_NAMES =
  'Accept Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info Authorization Call-ID ' +
  'Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length Content-Type CSeq Date ' +
  'Diversion Error-Info Event Expires From History-Info Identity In-Reply-To Max-Forwards MIME-Version Min-Expires ' +
  'Min-SE Organization P-Asserted-Identity P-Preferred-Identity Path Priority Privacy Proxy-Authenticate ' +
  'Proxy-Authorization Proxy-Require RAck Reason Record-Route Refer-To Referred-By Replaces Reply-To Require ' +
  'Retry-After Route RSeq Server Service-Route Session-Expires SIP-ETag SIP-If-Match Subject Subscription-State ' +
  'Supported Timestamp To Unsupported User-Agent Via Warning WWW-Authenticate';

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ...COMMON_NAMES.split(' ').flatMap((name): [string, string][] => [
    [name, name.toLowerCase()],
    [name.toLowerCase(), name.toLowerCase()],
  ]),
  ...COMPACT_FORMS.flatMap(([short, long]): [string, string][] => [
    [short, long],
    [short.toUpperCase(), long],
  ]),
]);

/** One name for all spellings of a header: lower case, the long form. */
export function headerId(name: string): string {
  const known = SPELLINGS.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  return SPELLINGS.get(lower) ?? lower;
}

/** The id of a spelling that needs no check against the grammar; undefined for others. */
export function knownHeaderId(name: string): string | undefined {
  return SPELLINGS.get(name);
}

// RFC 3261 §7.3.1 and §25.1: their grammar is no comma list, though a comma may be in them.
const SINGLE_VALUED: ReadonlySet<string> = new Set([
  'authentication-info',
  'authorization',
  'call-id',
  'date',
  'organization',
  'proxy-authenticate',
  'proxy-authorization',
  'retry-after',
  'server',
  'subject',
  'timestamp',
  'user-agent',
  'www-authenticate',
]);

/** Whether commas in the header's value separate elements. Unknown headers are taken for lists. */
export function isListHeader(id: string): boolean {
  return !SINGLE_VALUED.has(id);
}

import { describe, expect, it } from 'vitest';
import { createRequest, type HeaderField, parseUri, type Uri } from '../../../../signaling/index.ts';
import { judge } from '../../../../signaling/user-agent/acceptability.ts';

interface Row {
  readonly name: string;
  readonly method?: string;
  readonly uri?: string;
  readonly headers?: readonly HeaderField[];
  readonly contentType?: string;
  readonly isWithoutContact?: boolean;
  readonly status: number | undefined;
  readonly header?: HeaderField;
}

const ROWS: readonly Row[] = [
  { name: 'a plain INVITE', status: undefined },
  { name: 'an unknown method', method: 'NEWMETHOD', status: 501 },
  { name: 'BYE of no dialog (RFC 3261 §15.1.2)', method: 'BYE', status: 481 },
  { name: 'UPDATE of no dialog', method: 'UPDATE', status: 481 },
  { name: 'PRACK of no dialog', method: 'PRACK', status: 481 },
  { name: 'REGISTER, for whoever listens', method: 'REGISTER', status: undefined },
  { name: 'a scheme nobody knows (RFC 3261 §8.2.2.1)', uri: 'nobodyKnowsThisScheme:x', status: 416 },
  { name: 'a telephone number', uri: 'tel:+15551234', status: undefined },
  {
    name: 'extensions nobody knows, each named once (RFC 3261 §8.2.2.3)',
    headers: [
      ['Require', 'nothing, 100rel'],
      ['Proxy-Require', 'noproxy, nothing'],
    ],
    status: 420,
    header: ['Unsupported', 'nothing, noproxy'],
  },
  { name: 'an extension of the application, in capitals', headers: [['Require', 'OWN']], status: undefined },
  {
    name: 'a body nobody can read',
    contentType: 'application/x',
    status: 415,
    header: ['Accept', 'application/sdp'],
  },
  {
    name: 'such a body that may be skipped (RFC 3261 §20.11)',
    contentType: 'application/x',
    headers: [['Content-Disposition', 'x;handling=optional']],
    status: undefined,
  },
  { name: 'a wish for something else than SDP', headers: [['Accept', 'text/plain']], status: 406 },
  { name: 'a wish for anything', headers: [['Accept', 'text/plain, */*']], status: undefined },
  { name: 'no Contact (RFC 3261 §8.1.1.8)', isWithoutContact: true, status: 400 },
  {
    name: 'a session interval too short (RFC 4028 §8)',
    headers: [
      ['Supported', 'timer'],
      ['Session-Expires', '89'],
    ],
    status: 422,
    header: ['Min-SE', '90'],
  },
  { name: 'a header that cannot be read', headers: [['Min-SE', 'soon']], status: 400 },
];

function uriOf(text: string): Uri {
  const uri = parseUri(text);
  if (!('scheme' in uri)) throw new Error(text);
  return uri;
}

describe('judge() (RFC 3261 §8.2)', () => {
  it.each(ROWS)('$name: $status', (row) => {
    const { method = 'INVITE', uri = 'sip:bob@example.org', headers = [] } = row;
    const contact: HeaderField[] = row.isWithoutContact ? [] : [['Contact', '<sip:alice@192.0.2.1>']];
    const request = createRequest({
      method,
      requestUri: uriOf(uri),
      headers: [
        ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx'],
        ['From', '<sip:alice@example.org>;tag=a'],
        ['To', '<sip:bob@example.org>'],
        ['Call-ID', 'call'],
        ['CSeq', `1 ${method}`],
        ...contact,
        ...headers,
      ],
      body: 'body',
      contentType: row.contentType ?? 'application/sdp',
    });
    const refusal = judge(request, new Set(['100rel', 'timer', 'own']));
    expect(refusal?.status).toBe(row.status);
    if (row.header) expect(refusal?.options.headers).toContainEqual(row.header);
  });
});

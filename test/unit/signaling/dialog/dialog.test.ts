import { describe, expect, it } from 'vitest';
import { Dialog, DialogTable } from '../../../../signaling/dialog/index.ts';
import {
  createRequest,
  createResponse,
  formatUri,
  type HeaderField,
  sipUri,
} from '../../../../signaling/index.ts';

function invite(headers: readonly HeaderField[] = []) {
  return createRequest({
    method: 'INVITE',
    requestUri: sipUri({ user: 'bob', host: 'example.org' }),
    headers: [
      ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx'],
      ['From', '"Alice" <sip:alice@example.org>;tag=a'],
      ['To', '<sip:bob@example.org>'],
      ['Call-ID', 'call'],
      ['CSeq', '10 INVITE'],
      ['Contact', '<sip:alice@192.0.2.1>'],
      ...headers,
    ],
  });
}

function answered(headers: readonly HeaderField[] = []) {
  const contact: HeaderField = ['Contact', '<sip:bob@192.0.2.9:5070>'];
  const response = createResponse(invite(), 200, { toTag: 'b', headers: [contact, ...headers] });
  return Dialog.ofClient(invite(), response);
}

const request = (sequenceNumber: number) =>
  createRequest({
    method: 'INFO',
    requestUri: sipUri({ host: 'h' }),
    headers: [
      ['From', '<sip:bob@example.org>;tag=b'],
      ['To', '<sip:alice@example.org>;tag=a'],
      ['Call-ID', 'call'],
      ['CSeq', `${sequenceNumber} INFO`],
    ],
  });

describe('a dialog of the caller (RFC 3261 §12.1.2)', () => {
  it('sends to the remote target, with both tags and the next number', () => {
    const bye = answered().request('BYE');
    expect(formatUri(bye.requestUri)).toBe('sip:bob@192.0.2.9:5070');
    expect([bye.fromTag, bye.toTag, bye.callId]).toEqual(['a', 'b', 'call']);
    expect(bye.cseq).toEqual({ sequenceNumber: 11, method: 'BYE' });
    expect(bye.from.displayName).toBe('Alice');
  });

  it('reverses Record-Route into its route set, and keeps the target where the first hop routes loosely (§12.2.1.1)', () => {
    const routes: HeaderField = ['Record-Route', '<sip:p3.example.org;lr>, <sip:p2.example.org;lr>'];
    const bye = answered([routes]).request('BYE');
    expect(formatUri(bye.requestUri)).toBe('sip:bob@192.0.2.9:5070');
    expect(bye.routes.map(({ uri }) => formatUri(uri))).toEqual([
      'sip:p2.example.org;lr',
      'sip:p3.example.org;lr',
    ]);
  });

  it('moves the target behind the route set where the first hop routes strictly (§12.2.1.1)', () => {
    const routes: HeaderField = ['Record-Route', '<sip:p3.example.org;lr>, <sip:p2.example.org>'];
    const bye = answered([routes]).request('BYE');
    expect(formatUri(bye.requestUri)).toBe('sip:p2.example.org');
    expect(bye.routes.map(({ uri }) => formatUri(uri))).toEqual([
      'sip:p3.example.org;lr',
      'sip:bob@192.0.2.9:5070',
    ]);
  });

  it('gives an ACK the number of its INVITE, and spends none (§13.2.2.4)', () => {
    const dialog = answered();
    expect(dialog.ack(10).cseq).toEqual({ sequenceNumber: 10, method: 'ACK' });
    expect(dialog.request('BYE').cseq.sequenceNumber).toBe(11);
  });

  it('takes a peer of RFC 2543 without a tag', () => {
    const response = createResponse(invite(), 200, { toTag: 'x' }).with({
      set: [['To', '<sip:bob@example.org>']],
    });
    expect(Dialog.ofClient(invite(), response).remoteTag).toBe('');
  });

  it('goes on counting from the early dialog that it was', () => {
    const early = answered();
    early.request('PRACK');
    const confirmed = answered();
    confirmed.continueFrom(early);
    expect(confirmed.request('BYE').cseq.sequenceNumber).toBe(12);
  });
});

describe('a dialog of the callee (RFC 3261 §12.1.1)', () => {
  it('keeps Record-Route in its order and swaps the parties', () => {
    const routes: HeaderField = ['Record-Route', '<sip:p1.example.org;lr>, <sip:p2.example.org;lr>'];
    const bye = Dialog.ofServer(invite([routes]), 'b').request('BYE');
    expect([bye.fromTag, bye.toTag]).toEqual(['b', 'a']);
    expect(formatUri(bye.requestUri)).toBe('sip:alice@192.0.2.1');
    expect(bye.routes.map(({ uri }) => formatUri(uri))).toEqual([
      'sip:p1.example.org;lr',
      'sip:p2.example.org;lr',
    ]);
  });
});

describe('acceptSequence() (RFC 3261 §12.2.2)', () => {
  it.each([
    { name: 'any first number', numbers: [0], expected: [true] },
    { name: 'rising numbers, gaps included', numbers: [5, 6, 900], expected: [true, true, true] },
    { name: 'a lower number', numbers: [5, 4], expected: [true, false] },
    { name: 'what follows a refused one', numbers: [5, 4, 6], expected: [true, false, true] },
    { name: 'the largest number', numbers: [5, 2 ** 31 - 1], expected: [true, true] },
  ])('$name', ({ numbers, expected }) => {
    const dialog = answered();
    expect(numbers.map((number) => dialog.acceptSequence(request(number)))).toEqual(expected);
  });
});

describe('DialogTable', () => {
  it('finds a dialog by all three parts of its identity, and by nothing less', () => {
    const table = new DialogTable<string>();
    const dialog = answered();
    table.add(dialog, 'owner');
    expect(table.findForRequest(request(1))).toEqual({ dialog, owner: 'owner' });
    for (const [name, value] of [
      ['From', '<sip:bob@example.org>;tag=c'],
      ['To', '<sip:alice@example.org>;tag=c'],
      ['To', '<sip:alice@example.org>'],
      ['Call-ID', 'Call'],
    ] as const) {
      expect(table.findForRequest(request(1).with({ set: [[name, value]] }))).toBeUndefined();
    }
    const response = createResponse(dialog.request('INFO'), 200);
    expect(table.findForResponse(response)?.owner).toBe('owner');
  });

  it('is empty after removal, and lets a successor of the same identity stay', () => {
    const table = new DialogTable<string>();
    const [early, confirmed] = [answered(), answered()];
    table.add(early, 'owner');
    table.add(confirmed, 'owner');
    table.remove(early);
    expect(table.findForRequest(request(1))?.dialog).toBe(confirmed);
    table.remove(confirmed);
    expect(table.size).toBe(0);
  });
});

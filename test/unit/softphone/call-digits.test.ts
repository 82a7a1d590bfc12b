import { describe, expect, it } from 'vitest';
import type { NegotiatedMedia, Session, SipRequest } from '../../../signaling/index.ts';
import { CallDigits } from '../../../softphone/call-digits.ts';
import type { CallMedia } from '../../../softphone/call-media.ts';

/** A call whose far end has these ways of digits; and what was done. */
function makeCall(far: { readonly encodings: readonly string[]; readonly allowsInfo: boolean }) {
  const did: string[] = [];
  const session = {
    peerAllowsInfo: far.allowsInfo,
    request: async (method: string, { body }: { body: string }) => {
      did.push(`${method} ${/Signal=(.)/.exec(body)?.[1]}`);
      return { status: 200 };
    },
  };
  const media = {
    sendDigits: (digits: string) => did.push(`events ${digits}`) > 0,
    handleDigit: ({ digit, durationMs }: { digit: string; durationMs: number }) =>
      void did.push(`heard ${digit} for ${durationMs} ms`),
  };
  const sendFormats = far.encodings.map((encoding) => ({ encoding }));
  // Casts: of a call's session and sound, only this is touched here.
  const digits = new CallDigits(session as unknown as Session);
  digits.agree({ sendFormats } as unknown as NegotiatedMedia);
  const receive = (method: string, contentType: string | undefined, text: string) => {
    const request = { method, contentType, body: new TextEncoder().encode(text) };
    const respond = (status: number) => void did.push(`${status}`);
    const incoming = { request: request as unknown as SipRequest, respond };
    if (!digits.handleDigit(incoming, media as unknown as CallMedia)) digits.refuse(incoming);
  };
  const send = (text: string) => digits.send(media as unknown as CallMedia, text);
  return { send, receive, did };
}

describe('the digits of a call', () => {
  it.each([
    { encodings: ['pcmu', 'telephone-event'], allowsInfo: true, sent: true, did: ['events 1A'] },
    { encodings: ['pcmu', 'telephone-event'], allowsInfo: false, sent: true, did: ['events 1A'] },
    { encodings: ['pcmu'], allowsInfo: true, sent: true, did: ['INFO 1', 'INFO A'] },
    { encodings: ['pcmu'], allowsInfo: false, sent: false, did: [] },
  ])('to $encodings, INFO allowed $allowsInfo: $did', async ({ encodings, allowsInfo, sent, did }) => {
    const call = makeCall({ encodings, allowsInfo });
    expect(call.send('1a')).toBe(sent);
    await Promise.resolve();
    expect(call.did).toEqual(did);
  });

  it('are refused where they are none, or too many', () => {
    const call = makeCall({ encodings: ['pcmu'], allowsInfo: true });
    expect(call.send('')).toBe(false);
    expect(call.send('12 3')).toBe(false);
    expect(call.send('1'.repeat(1000))).toBe(false);
    expect(call.did).toEqual([]);
  });

  it.each([
    {
      method: 'INFO',
      type: 'application/dtmf-relay',
      text: 'Signal=5\r\nDuration=160',
      did: ['heard 5 for 160 ms', '200'],
    },
    { method: 'INFO', type: 'application/dtmf-relay', text: 'Signal=none', did: ['400'] },
    { method: 'INFO', type: undefined, text: '', did: ['200'] },
    { method: 'INFO', type: 'application/xml', text: '<x/>', did: ['415'] },
    { method: 'NOTIFY', type: undefined, text: '', did: ['489'] },
    { method: 'MESSAGE', type: 'text/plain', text: 'hello', did: ['405'] },
  ])('$method $type "$text" is answered: $did', ({ method, type, text, did }) => {
    const call = makeCall({ encodings: ['pcmu'], allowsInfo: true });
    call.receive(method, type, text);
    expect(call.did).toEqual(did);
  });
});

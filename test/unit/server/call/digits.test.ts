import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../../core/index.ts';
import type { MediaEngine } from '../../../../media/index.ts';
import { DigitPath } from '../../../../server/call/digits.ts';
import type { Party } from '../../../../server/call/party.ts';
import { DigitNotes } from '../../../../server/call/party-facts.ts';
import type { SipRequest } from '../../../../signaling/index.ts';

/** Two parties: what the engine and the other party are sent, and what the first one is answered. */
function makePath(other: { readonly takesEvents: boolean; readonly allowsInfo: boolean }) {
  const did: string[] = [];
  const media = {
    sendDigits: async (legId: number, digits: string) => void did.push(`leg ${legId}: ${digits}`),
  };
  const formats = [{ encoding: 'pcmu' }, ...(other.takesEvents ? [{ encoding: 'telephone-event' }] : [])];
  const notes = { from: new DigitNotes(), to: new DigitNotes() };
  const from = {
    media: { legId: 1, digitNotes: notes.from, expectInfoDigits: async () => void did.push('no tones') },
  };
  const to = {
    media: { legId: 2, digitNotes: notes.to, agreed: { sendFormats: formats } },
    session: {
      callId: 'x',
      peerAllowsInfo: other.allowsInfo,
      request: async (method: string, { body }: { body: string }) => {
        did.push(`${method} ${body}`);
        return { status: 405 };
      },
    },
    // Casts: of what a call is made of, only this is touched here.
  };
  const surroundings = { media: media as unknown as MediaEngine, log: silentLog };
  const path = new DigitPath(surroundings, from as unknown as Party, to as unknown as Party);
  const receive = (text: string, contentType = 'application/dtmf-relay') => {
    const request = { method: 'INFO', contentType, body: new TextEncoder().encode(text) };
    const respond = (status: number) => void did.push(`${status}`);
    return path.handleRequest({ request: request as unknown as SipRequest, respond });
  };
  return { path, receive, did, notes };
}

const INFO = 'INFO Signal=5\r\nDuration=160\r\n';

describe('the way of digits to a party', () => {
  test.for([
    { takesEvents: true, allowsInfo: true, byInfo: 'leg 2: 5', byRtp: [] },
    { takesEvents: true, allowsInfo: false, byInfo: 'leg 2: 5', byRtp: [] },
    { takesEvents: false, allowsInfo: true, byInfo: INFO, byRtp: [INFO] },
    { takesEvents: false, allowsInfo: false, byInfo: 'leg 2: 5', byRtp: ['leg 2: 5'] },
  ])('with events $takesEvents and INFO $allowsInfo: one way, once', ({ byInfo, byRtp, ...other }) => {
    const received = makePath(other);
    expect(received.receive('Signal=5\r\nDuration=160')).toBe(true);
    expect(received.did).toEqual(['no tones', byInfo, '200']);
    expect(received.notes.to.facts().takesInfo).toBe(other.allowsInfo);
    const told = makePath(other);
    told.path.handleDigit({ digit: '5', durationMs: 160 });
    expect(told.did).toEqual(byRtp);
  });

  test('a body that makes no sense is 400, and reaches nobody', () => {
    const { receive, did, notes } = makePath({ takesEvents: true, allowsInfo: true });
    expect(receive('Signal=please')).toBe(true);
    expect(did).toEqual(['400']);
    expect(notes.from.facts().unreadable).toBe(1);
  });

  test('an INFO without digits is left to others', () => {
    const { receive, did } = makePath({ takesEvents: true, allowsInfo: true });
    expect(receive('<xml/>', 'application/media_control+xml')).toBe(false);
    expect(did).toEqual([]);
  });
});

test('digits that the party refuses are counted, with the status', async () => {
  const { path, notes } = makePath({ takesEvents: false, allowsInfo: true });
  path.handleDigit({ digit: '5', durationMs: 160 });
  await Promise.resolve();
  await Promise.resolve();
  expect(notes.to.facts()).toMatchObject({ sentByInfo: 1, refusedByInfo: 1, refusal: 405 });
});

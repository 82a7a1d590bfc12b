import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { isSameUri, parseUri, type Uri } from '../../../../signaling/message/index.ts';

function uri(text: string): Uri {
  const parsed = parseUri(text);
  if (parsed instanceof DecodeError) throw new Error(String(parsed));
  return parsed;
}

// The first four rows of each are the examples of RFC 3261 §19.1.4.
const SAME: readonly (readonly [string, string])[] = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
  ],
  [
    'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
  ],
  ['sip:a@b;%6Cr', 'sip:a@b;LR'],
  ['sip:a%3bb@c', 'sip:a%3Bb@c'],
  ['sip:a:%70w@c', 'sip:a:pw@c'],
  ['tel:+1-201-555-0123', 'tel:+1(201)5550123'],
  ['tel:7042;phone-context=Example.com', 'tel:7042;phone-context=example.com'],
  ['urn:service:sos', 'urn:service:sos'],
];

const DIFFERENT: readonly (readonly [string, string, string])[] = [
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP', 'different users'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060', 'can resolve to different ports'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp', 'can resolve to different transports'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp', 'different port and transport'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting', 'different header component'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4', 'never resolved'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off', 'in both, and different'],
  ['sip:a@b', 'sips:a@b', 'different schemes'],
  ['sip:a@b', 'sip:b', 'user and none'],
  ['sip:a:x@b', 'sip:a@b', 'password and none'],
  ['sip:a@b', 'sip:a@b;user=phone', 'user parameter in one'],
  ['sip:a@b', 'sip:a@b;ttl=1', 'ttl in one'],
  ['sip:a@b', 'sip:a@b;method=INVITE', 'method in one'],
  ['sip:a@b', 'sip:a@b;maddr=192.0.2.1', 'maddr in one'],
  ['sip:a%40b@c', 'sip:a@c', 'other users'],
  ['sip:a%3Bb@c', 'sip:a;b@c', 'an escaped reserved character is not the character'],
  ['sip:a@b?x=1', 'sip:a@b?x=2', 'header values'],
  ['tel:+12015550123', 'tel:12015550123', 'global and local'],
  ['tel:7042;phone-context=a.com', 'tel:7042', 'parameter in one'],
  ['tel:+1', 'sip:+1@a', 'tel and sip'],
  ['urn:a:b', 'sip:b', 'other and sip'],
];

describe('isSameUri() (RFC 3261 §19.1.4)', () => {
  test.for(SAME)('%s is %s', ([a, b]) => {
    expect(isSameUri(uri(a), uri(b))).toBe(true);
    expect(isSameUri(uri(b), uri(a))).toBe(true);
  });

  test.for(DIFFERENT)('%s is not %s: %s', ([a, b]) => {
    expect(isSameUri(uri(a), uri(b))).toBe(false);
    expect(isSameUri(uri(b), uri(a))).toBe(false);
  });
});

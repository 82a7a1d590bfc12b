import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  answerOffer,
  audioOf,
  createOffer,
  formatSdp,
  ICE_MISMATCH,
  iceAttributes,
  iceOf,
  MAX_CANDIDATES,
  parseSdp,
  STATIC_FORMATS,
  verifiedIceOf,
} from '../../../../signaling/index.ts';

const UFRAG = 'a=ice-ufrag:8hhY';
const PASSWORD = 'a=ice-pwd:asd88fgpdd777uzjYhagZg';
const HOST = 'a=candidate:1 1 UDP 2130706431 192.0.2.9 4000 typ host';

/** The ICE of a description with these lines in its audio section. */
function read(
  lines: readonly string[],
  { session = [] as readonly string[], c = '192.0.2.9', port = 4000 } = {},
) {
  const family = c.includes(':') ? 'IP6' : 'IP4';
  const text = ['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', `c=IN ${family} ${c}`, 't=0 0', ...session];
  const description = parseSdp([...text, `m=audio ${port} RTP/AVP 0`, ...lines, ''].join('\r\n'));
  if (description instanceof DecodeError) throw new Error(description.reason);
  const line = audioOf(description)?.line;
  if (!line) throw new Error('there is an audio section');
  return { ice: iceOf(description, line), verified: verifiedIceOf(description, line) };
}

describe('iceOf()', () => {
  it('reads credentials, candidates and options', () => {
    const { ice } = read([UFRAG, PASSWORD, HOST, 'a=ice-options:ice2 trickle']);
    expect(ice).toMatchObject({
      credentials: { ufrag: '8hhY', password: 'asd88fgpdd777uzjYhagZg' },
      candidates: [{ type: 'host', endpoint: { address: '192.0.2.9', port: 4000 } }],
      isLite: false,
      isTrickling: true,
    });
    expect(read([UFRAG, PASSWORD, 'a=ice-options:trickle', 'a=end-of-candidates']).ice?.isTrickling).toBe(
      false,
    );
  });

  it('takes what the session says for all sections, and that of the section before it (RFC 8839 §5.4)', () => {
    const session = [PASSWORD, 'a=ice-ufrag:other', 'a=ice-lite'];
    const { ice } = read([UFRAG, HOST], { session });
    expect(ice).toMatchObject({ credentials: { ufrag: '8hhY' }, isLite: true });
  });

  it.each([
    { name: 'no password', lines: [UFRAG, HOST] },
    { name: 'no user fragment', lines: [PASSWORD, HOST] },
    { name: 'a user fragment of three characters', lines: ['a=ice-ufrag:abc', PASSWORD, HOST] },
    { name: 'a password of 21 characters', lines: [UFRAG, 'a=ice-pwd:asd88fgpdd777uzjYhagZ', HOST] },
    { name: 'a password with a space', lines: [UFRAG, 'a=ice-pwd:asd88fgpdd777 uzjYhagZg', HOST] },
  ])('finds none with $name', ({ lines }) => {
    expect(read(lines).ice).toBeUndefined();
  });

  it('passes over malformed candidates, and over those beyond the limit', () => {
    const many = Array.from({ length: MAX_CANDIDATES + 10 }, () => HOST);
    expect(read([UFRAG, PASSWORD, 'a=candidate:nonsense', HOST]).ice?.candidates).toHaveLength(1);
    expect(read([UFRAG, PASSWORD, ...many]).ice?.candidates).toHaveLength(MAX_CANDIDATES);
  });
});

describe('verifiedIceOf() (RFC 8839 §4.2.5)', () => {
  it('trusts a description whose default destination is a candidate', () => {
    expect(read([UFRAG, PASSWORD, HOST]).verified).toMatchObject({ credentials: { ufrag: '8hhY' } });
  });

  it('knows an IPv6 address in any spelling', () => {
    const candidate = 'a=candidate:1 1 UDP 2130706431 2001:db8:0:0:0:0:0:9 4000 typ host';
    expect(read([UFRAG, PASSWORD, candidate], { c: '2001:DB8::9' }).verified).not.toBe('mismatch');
  });

  it.each([
    { name: 'another address', options: { c: '198.51.100.7' } },
    { name: 'another port', options: { port: 4002 } },
    { name: 'the discard port, but no trickling', options: { c: '0.0.0.0', port: 9 } },
  ])('calls $name a mismatch', ({ options }) => {
    expect(read([UFRAG, PASSWORD, HOST], options).verified).toBe('mismatch');
  });

  it('lets a trickling agent name its candidates later (RFC 8840 §4.1.1)', () => {
    const lines = [UFRAG, PASSWORD, 'a=ice-options:trickle'];
    expect(read(lines, { c: '0.0.0.0', port: 9 }).verified).toMatchObject({ isTrickling: true });
  });

  it('takes no component but the first for the default destination of RTP', () => {
    const rtcp = HOST.replace('candidate:1 1', 'candidate:1 2');
    expect(read([UFRAG, PASSWORD, rtcp]).verified).toBe('mismatch');
  });

  it('finds none where there is none, or where the peer saw a mismatch', () => {
    expect(read([]).verified).toBeUndefined();
    expect(read([UFRAG, PASSWORD, HOST, `a=${ICE_MISMATCH}`]).verified).toBeUndefined();
  });
});

describe('offers and answers with ICE', () => {
  const pcmu = STATIC_FORMATS.get(0);
  const own = {
    address: '192.0.2.9',
    rtpPort: 4000,
    rtcpPort: 4001,
    sessionId: '1',
    version: 1,
    formats: pcmu ? [pcmu] : [],
  };
  const ice = {
    credentials: { ufrag: '8hhY', password: 'asd88fgpdd777uzjYhagZg' },
    candidates: [
      {
        foundation: '1',
        component: 1,
        priority: 2130706431,
        endpoint: { address: '192.0.2.9', port: 4000 },
        type: 'host',
      },
    ],
  } as const;

  it('carry it through text and back', () => {
    const offer = createOffer({ ...own, attributes: iceAttributes(ice) });
    const answer = answerOffer(offer, { ...own, attributes: iceAttributes(ice) });
    if (answer instanceof DecodeError) throw new Error(answer.reason);
    for (const description of [offer, answer]) {
      const parsed = parseSdp(formatSdp(description));
      if (parsed instanceof DecodeError) throw new Error(parsed.reason);
      const line = audioOf(parsed)?.line;
      expect(line && verifiedIceOf(parsed, line)).toMatchObject(ice);
    }
  });
});

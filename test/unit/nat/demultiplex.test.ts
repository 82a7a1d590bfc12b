import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demultiplex } from '../../../nat/index.ts';

const FILE = `${process.env.PATCHCORD_DATA ?? '../shared/data'}/rtp-rtcp-vectors/rfc7983-demux.json`;

interface Vectors {
  readonly firstByte: readonly { readonly range: readonly [number, number]; readonly proto: string }[];
  readonly cases: readonly { readonly hex: string; readonly proto: string }[];
}

const NAMES: Readonly<Record<string, string>> = {
  STUN: 'stun',
  ZRTP: 'zrtp',
  DTLS: 'dtls',
  'TURN ChannelData': 'turn-channel',
  'RTP/RTCP': 'rtp-rtcp',
  RTP: 'rtp-rtcp',
  RTCP: 'rtp-rtcp',
  drop: 'unknown',
};

describe('demultiplex() (RFC 7983 §7)', () => {
  test.each([
    { first: 0, expected: 'stun' },
    { first: 3, expected: 'stun' },
    { first: 4, expected: 'unknown' },
    { first: 15, expected: 'unknown' },
    { first: 16, expected: 'zrtp' },
    { first: 19, expected: 'zrtp' },
    { first: 20, expected: 'dtls' },
    { first: 63, expected: 'dtls' },
    { first: 64, expected: 'turn-channel' },
    { first: 79, expected: 'turn-channel' },
    { first: 80, expected: 'unknown' },
    { first: 127, expected: 'unknown' },
    { first: 128, expected: 'rtp-rtcp' },
    { first: 191, expected: 'rtp-rtcp' },
    { first: 192, expected: 'unknown' },
    { first: 255, expected: 'unknown' },
  ])('a packet that starts with $first is $expected', ({ first, expected }) => {
    expect(demultiplex(Uint8Array.of(first, 0))).toBe(expected);
  });

  test('an empty packet is unknown', () => {
    expect(demultiplex(new Uint8Array(0))).toBe('unknown');
  });

  test.skipIf(!existsSync(FILE))('agrees with the table of rtp-rtcp-vectors (set PATCHCORD_DATA)', () => {
    const vectors: Vectors = JSON.parse(readFileSync(FILE, 'utf8'));
    for (let first = 0; first < 256; first += 1) {
      const row = vectors.firstByte.find(({ range }) => first >= range[0] && first <= range[1]);
      expect(demultiplex(Uint8Array.of(first)), `first byte ${first}`).toBe(NAMES[row?.proto ?? 'drop']);
    }
    // "drop (short)" is for who reads the second byte.
    for (const { hex, proto } of vectors.cases.filter((entry) => entry.proto in NAMES)) {
      expect(demultiplex(Buffer.from(hex, 'hex')), hex).toBe(NAMES[proto]);
    }
  });
});

import { describe, expect, it } from 'vitest';
import {
  CLIENT_LEVEL_BYTES,
  CLIENT_LEVEL_URI,
  clientLevel,
  encodeRtp,
  extensionIdOf,
  isVoice,
  levelDbovOf,
  MIXER_LEVEL_URI,
  mixerLevelBytes,
  readMixerLevels,
  rtpPayloadOffset,
  writeClientLevel,
  writeMixerLevels,
  writeRtpHeader,
} from '../../../../media/rtp/index.ts';

const FIELDS = { payloadType: 111, marker: false, sequenceNumber: 7, timestamp: 960, ssrc: 1 };

function withLevel(levelDbov: number, voice: boolean): Uint8Array {
  const bytes = new Uint8Array(12 + CLIENT_LEVEL_BYTES + 3);
  writeRtpHeader(bytes, FIELDS);
  writeClientLevel(bytes, 12, { id: 1, levelDbov, isVoice: voice });
  return bytes;
}

describe('levels of a talker (RFC 6464)', () => {
  it.each([
    { levelDbov: 0, voice: true, byte: 0x80, read: 0 },
    { levelDbov: -30.4, voice: false, byte: 30, read: -30 },
    { levelDbov: -127, voice: false, byte: 127, read: -127 },
    { levelDbov: -127, voice: true, byte: 255, read: -127 },
    { levelDbov: -200, voice: false, byte: 127, read: -127 },
    { levelDbov: 6, voice: true, byte: 0x80, read: 0 },
    { levelDbov: Number.NaN, voice: false, byte: 127, read: -127 },
    { levelDbov: Number.NEGATIVE_INFINITY, voice: false, byte: 127, read: -127 },
  ])('writes $levelDbov dBov, voice $voice, as $byte', ({ levelDbov, voice, byte, read }) => {
    const bytes = withLevel(levelDbov, voice);
    const level = clientLevel(bytes, 1);
    expect(level).toBe(byte);
    expect(levelDbovOf(level)).toBe(read);
    expect(isVoice(level)).toBe(voice);
    expect(rtpPayloadOffset(bytes)).toBe(12 + CLIENT_LEVEL_BYTES);
  });

  it('reads -1 where there is none, under another ID, and without data', () => {
    expect(clientLevel(encodeRtp(FIELDS, Uint8Array.of(1)), 1)).toBe(-1);
    expect(clientLevel(withLevel(-20, true), 2)).toBe(-1);
    const empty = Uint8Array.of(...encodeRtp(FIELDS, new Uint8Array()), 0x10, 0, 0, 1, 1, 0, 0, 0);
    empty[0] = 0x90;
    expect(clientLevel(empty, 1)).toBe(-1);
  });
});

describe('levels of those who are mixed (RFC 6465)', () => {
  function mixed(levelsDbov: readonly number[]): Uint8Array {
    const offset = 12 + 4 * levelsDbov.length;
    const bytes = new Uint8Array(offset + mixerLevelBytes(levelsDbov.length) + 3);
    writeRtpHeader(bytes, FIELDS);
    bytes[0] = 0x80 | levelsDbov.length;
    writeMixerLevels(bytes, offset, { id: 2, levelsDbov });
    return bytes;
  }

  it.each([[[]], [[-20]], [[-20, -33, -127]], [Array.from({ length: 15 }, (_, i) => -i)]])('%j', (levels) => {
    const bytes = mixed(levels);
    const into = new Int8Array(15);
    expect(readMixerLevels(bytes, 2, into)).toBe(levels.length);
    expect([...into.subarray(0, levels.length)]).toEqual(levels.map((level) => 0 + level));
    expect(rtpPayloadOffset(bytes)).toBe(bytes.length - 3);
    expect(readMixerLevels(bytes, 1, into)).toBe(0);
  });

  it('reads no more levels than there are CSRCs, nor than there is room', () => {
    const bytes = mixed([-1, -2, -3]);
    expect(readMixerLevels(bytes, 2, new Int8Array(2))).toBe(2);
    bytes[0] = 0x90 | 4;
    // One CSRC more moves the block out of place: whatever is read stays within the count.
    expect(readMixerLevels(bytes, 2, new Int8Array(15))).toBeLessThanOrEqual(4);
  });
});

describe('extensionIdOf()', () => {
  const extensions = [
    { id: 3, uri: CLIENT_LEVEL_URI, direction: 'recvonly' },
    { id: 4, uri: MIXER_LEVEL_URI, direction: 'sendrecv' },
  ] as const;

  it.each([
    { uri: CLIENT_LEVEL_URI, way: 'received', expected: 3 },
    { uri: CLIENT_LEVEL_URI, way: 'sent', expected: 0 },
    { uri: MIXER_LEVEL_URI, way: 'sent', expected: 4 },
    { uri: MIXER_LEVEL_URI, way: 'received', expected: 4 },
    { uri: 'urn:other', way: 'sent', expected: 0 },
  ] as const)('$uri, $way: $expected', ({ uri, way, expected }) => {
    expect(extensionIdOf(extensions, uri, way)).toBe(expected);
    expect(extensionIdOf(undefined, uri, way)).toBe(0);
  });
});

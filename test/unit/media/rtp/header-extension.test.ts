import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clearRtpExtensions,
  encodeRtp,
  extensionBytes,
  extensionLength,
  extensionOffset,
  findRtpExtension,
  MAX_EXTENSION_BYTES,
  rtpPayloadOffset,
  writeRtpExtension,
  writeRtpHeader,
} from '../../../../media/rtp/index.ts';

const FIELDS = { payloadType: 111, marker: false, sequenceNumber: 7, timestamp: 960, ssrc: 1 };
const PAYLOAD = Uint8Array.of(1, 2, 3);

/** A packet with a block of these bytes, which are brought to whole words with zeros. */
function packet(profile: number, data: readonly number[], csrcs: readonly number[] = []): Uint8Array {
  const words = Math.ceil(data.length / 4);
  const header = encodeRtp(FIELDS, new Uint8Array());
  header[0] = 0x90 | csrcs.length;
  return Uint8Array.of(
    ...header,
    ...csrcs.flatMap((csrc) => [0, 0, 0, csrc]),
    ...[profile >> 8, profile & 0xff, words >> 8, words & 0xff],
    ...data,
    ...new Array<number>(4 * words - data.length).fill(0),
    ...PAYLOAD,
  );
}

function found(bytes: Uint8Array, id: number): readonly number[] | undefined {
  const element = findRtpExtension(bytes, id);
  if (element < 0) return undefined;
  const offset = extensionOffset(element);
  return [...bytes.subarray(offset, offset + extensionLength(element))];
}

describe('findRtpExtension()', () => {
  it.each([
    { name: 'an element (RFC 8285 §4.2)', profile: 0xbede, data: [0x10, 0xaa], id: 1, expected: [0xaa] },
    {
      name: 'the second of two',
      profile: 0xbede,
      data: [0x10, 1, 0x22, 2, 3, 4],
      id: 2,
      expected: [2, 3, 4],
    },
    { name: 'one behind padding', profile: 0xbede, data: [0, 0, 0x30, 9], id: 3, expected: [9] },
    {
      name: 'sixteen bytes',
      profile: 0xbede,
      data: [0xef, ...Array(16).keys()],
      id: 14,
      expected: [...Array(16).keys()],
    },
    { name: 'none where there is none', profile: 0xbede, data: [0x10, 1], id: 2, expected: undefined },
    {
      name: 'nothing behind ID 15 (§4.2)',
      profile: 0xbede,
      data: [0xf0, 1, 0x10, 2],
      id: 1,
      expected: undefined,
    },
    { name: 'what stands before ID 15', profile: 0xbede, data: [0x10, 2, 0xf0, 1], id: 1, expected: [2] },
    { name: 'no element of ID 15', profile: 0xbede, data: [0xf0, 1], id: 15, expected: undefined },
    {
      name: 'nothing behind ID 0 with a length',
      profile: 0xbede,
      data: [0x03, 0x10, 2],
      id: 1,
      expected: undefined,
    },
    {
      name: 'no element that runs out of the block',
      profile: 0xbede,
      data: [0x1f, 1, 2],
      id: 1,
      expected: undefined,
    },
    { name: 'none in an empty block', profile: 0xbede, data: [], id: 1, expected: undefined },
    { name: 'a long header (§4.3)', profile: 0x1000, data: [1, 2, 7, 8], id: 1, expected: [7, 8] },
    {
      name: 'a long header with bits of the application',
      profile: 0x100f,
      data: [0, 200, 1, 7],
      id: 200,
      expected: [7],
    },
    { name: 'an element without data', profile: 0x1000, data: [5, 0, 6, 1, 9], id: 5, expected: [] },
    {
      name: 'what stands behind one without data',
      profile: 0x1000,
      data: [5, 0, 6, 1, 9],
      id: 6,
      expected: [9],
    },
    { name: 'no long element that runs out', profile: 0x1000, data: [1, 9, 1], id: 1, expected: undefined },
    {
      name: 'no long element that is cut in its header',
      profile: 0x1000,
      data: [0, 0, 0, 1],
      id: 1,
      expected: undefined,
    },
    { name: 'nothing in another profile', profile: 0xabac, data: [0x10, 1], id: 1, expected: undefined },
  ])('finds $name', ({ profile, data, id, expected }) => {
    expect(found(packet(profile, data), id)).toEqual(expected);
    expect(found(packet(profile, data, [1, 2, 3]), id)).toEqual(expected);
  });

  it('finds nothing in a packet without a block', () => {
    expect(findRtpExtension(encodeRtp(FIELDS, PAYLOAD), 1)).toBe(-1);
  });

  it('stays within any packet, however it was cut or bent', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 80 }), fc.nat(255), (bytes, id) => {
        bytes[0] = 0x90 | ((bytes[0] ?? 0) & 0x0f);
        const element = findRtpExtension(bytes, id);
        if (element < 0) return;
        expect(extensionOffset(element) + extensionLength(element)).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe('writeRtpExtension()', () => {
  it.each(Array.from({ length: MAX_EXTENSION_BYTES }, (_, i) => i + 1))(
    'writes %i bytes that are found again',
    (length) => {
      const size = extensionBytes(length);
      const bytes = new Uint8Array(12 + size + PAYLOAD.length).fill(0xff);
      writeRtpHeader(bytes, FIELDS);
      const data = writeRtpExtension(bytes, 12, { id: 5, dataLength: length });
      bytes.fill(0x55, data, data + length);
      bytes.set(PAYLOAD, 12 + size);
      expect(rtpPayloadOffset(bytes)).toBe(12 + size);
      expect(found(bytes, 5)).toEqual(new Array(length).fill(0x55));
      expect(found(bytes, 4)).toBeUndefined();
      expect(size % 4).toBe(0);
    },
  );
});

describe('clearRtpExtensions()', () => {
  it('makes padding of all elements, and leaves the rest of the packet', () => {
    for (const profile of [0xbede, 0x1005]) {
      const bytes = packet(profile, [0x10, 1, 0x20, 2], [9]);
      clearRtpExtensions(bytes);
      expect(bytes).toEqual(packet(profile, [0, 0, 0, 0], [9]));
    }
  });

  it('leaves blocks of another profile, and packets without one', () => {
    const other = packet(0xabac, [1, 2, 3, 4]);
    clearRtpExtensions(other);
    expect(other).toEqual(packet(0xabac, [1, 2, 3, 4]));
    const plain = encodeRtp(FIELDS, PAYLOAD);
    clearRtpExtensions(plain);
    expect(plain).toEqual(encodeRtp(FIELDS, PAYLOAD));
  });
});

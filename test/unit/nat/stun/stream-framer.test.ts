import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { ATTRIBUTE, MAX_FRAME_BYTES, padForStream, StunStreamFramer } from '../../../../nat/index.ts';
import { writer } from './samples.ts';

const STUN = writer('request').text(ATTRIBUTE.software, 'a phone').fingerprint().finish();

function channelData(lengthBytes: number): Uint8Array {
  const data = new Uint8Array(4 + lengthBytes).fill(0xaa);
  data.set([0x40, 1, lengthBytes >> 8, lengthBytes & 0xff]);
  return data;
}

const FRAMES = [STUN, channelData(5), channelData(0), STUN, channelData(160), channelData(3)];
const STREAM = Buffer.concat(FRAMES.map(padForStream));

/** Every frame as text, since a view is valid until the next push only. */
function frames(pieces: readonly Uint8Array[], framer = new StunStreamFramer()): string[] {
  const found: string[] = [];
  for (const piece of pieces) {
    const bytes = Uint8Array.from(piece);
    framer.push(bytes);
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
      found.push(frame instanceof DecodeError ? frame.code : Buffer.from(frame).toString('hex'));
      if (frame instanceof DecodeError) return found;
    }
    // What a socket does with its buffer.
    bytes.fill(0xee);
  }
  return found;
}

const EXPECTED = FRAMES.map((frame) => Buffer.from(frame).toString('hex'));

describe('StunStreamFramer', () => {
  test('cuts messages and ChannelData, without its padding (RFC 8656 §12.5)', () => {
    expect(frames([STREAM])).toEqual(EXPECTED);
  });

  test('does the same wherever the stream is cut in two', () => {
    for (let at = 0; at <= STREAM.length; at += 1) {
      expect(frames([STREAM.subarray(0, at), STREAM.subarray(at)])).toEqual(EXPECTED);
    }
  });

  test('does the same byte by byte, and in pieces of any size', () => {
    expect(frames(Array.from(STREAM, (byte) => Uint8Array.of(byte)))).toEqual(EXPECTED);
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(sizes, (cuts) => {
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const size of cuts) {
          pieces.push(STREAM.subarray(at, at + size));
          at += size;
        }
        expect(frames([...pieces, STREAM.subarray(at)])).toEqual(EXPECTED);
      }),
    );
  });

  test('waits for the padding of ChannelData before it hands it out', () => {
    const framer = new StunStreamFramer();
    expect(frames([channelData(5)], framer)).toEqual([]);
    expect(framer.bufferedBytes).toBe(9);
    expect(frames([new Uint8Array(3)], framer)).toHaveLength(1);
    expect(framer.bufferedBytes).toBe(0);
  });

  test.each([
    { name: 'RTP', bytes: [0x80, 0, 0, 0], code: 'STUN_BAD_FRAME' },
    { name: 'HTTP', bytes: [...Buffer.from('GET / HTTP/1.1')], code: 'STUN_FRAME_TOO_LARGE' },
    { name: 'SIP', bytes: [...Buffer.from('REGISTER sip:')], code: 'STUN_BAD_FRAME' },
    { name: 'TLS', bytes: [0x16, 3, 1], code: 'STUN_BAD_FRAME' },
    { name: 'a channel past the last (RFC 8656 §12)', bytes: [0x50, 0, 0, 0], code: 'STUN_BAD_FRAME' },
    {
      name: 'a length of STUN not by four',
      bytes: [0, 1, 0, 6, 0x21, 0x12, 0xa4, 0x42],
      code: 'STUN_BAD_FRAME',
    },
    { name: 'no magic cookie', bytes: [0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x43], code: 'STUN_BAD_FRAME' },
    { name: 'a large message', bytes: [0, 1, 0x40, 0, 0x21, 0x12, 0xa4, 0x42], code: 'STUN_FRAME_TOO_LARGE' },
    { name: 'large ChannelData', bytes: [0x40, 0, 0x3f, 0xfd], code: 'STUN_FRAME_TOO_LARGE' },
  ])('ends at $name, before its length is waited for', ({ bytes, code }) => {
    expect(frames([STUN, Uint8Array.from(bytes)])).toEqual([Buffer.from(STUN).toString('hex'), code]);
    expect(frames(bytes.map((byte) => Uint8Array.of(byte)))).toEqual([code]);
  });

  test('takes frames up to its limit, which can be set', () => {
    expect(frames([channelData(MAX_FRAME_BYTES - 4)])).toHaveLength(1);
    expect(frames([channelData(60_000)], new StunStreamFramer({ maxFrameBytes: 65_539 }))).toHaveLength(1);
    expect(frames([STUN], new StunStreamFramer({ maxFrameBytes: 20 }))).toEqual(['STUN_FRAME_TOO_LARGE']);
  });

  test('after its end holds nothing and takes nothing', () => {
    const framer = new StunStreamFramer();
    frames([Uint8Array.of(0xff)], framer);
    framer.push(STREAM);
    expect(framer.bufferedBytes).toBe(0);
    expect(framer.next()).toBeInstanceOf(DecodeError);
  });

  test('never holds more than a frame and the last piece, however long the connection', () => {
    const framer = new StunStreamFramer();
    for (let i = 0; i < 2000; i += 1) {
      frames([STREAM.subarray(0, 333), STREAM.subarray(333)], framer);
      expect(framer.bufferedBytes).toBe(0);
    }
    frames([channelData(MAX_FRAME_BYTES - 4).subarray(0, MAX_FRAME_BYTES - 1)], framer);
    expect(framer.bufferedBytes).toBe(MAX_FRAME_BYTES - 1);
  });

  test('survives every flipped bit', () => {
    for (let bit = 0; bit < STREAM.length * 8; bit += 1) {
      const bytes = Uint8Array.from(STREAM);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(frames([bytes.subarray(0, 40), bytes.subarray(40)]).length).toBeLessThanOrEqual(12);
    }
  });
});

test('padForStream() adds zeros up to four, and leaves what is whole as it is', () => {
  expect([...padForStream(Uint8Array.of(1, 2, 3, 4, 5))]).toEqual([1, 2, 3, 4, 5, 0, 0, 0]);
  const whole = new Uint8Array(8);
  expect(padForStream(whole)).toBe(whole);
});

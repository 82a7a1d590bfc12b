import { describe, expect, it } from 'vitest';
import { RED_MAX_PAYLOAD_BYTES, RedBlocks, type RedLevel, RedSender } from '../../../../media/red/index.ts';

const OPUS = 111;
const STEP = 960;

function sender(level: RedLevel): RedSender {
  const made = new RedSender();
  made.level = level;
  return made;
}

/** What a packet carries: age in ticks and bytes of each block; undefined where it goes as it is. */
function blocksOf(packet: Uint8Array | undefined) {
  if (!packet) return undefined;
  const blocks = new RedBlocks();
  expect(blocks.decode(packet, 0, packet.length)).toBeUndefined();
  return Array.from({ length: blocks.copyCount + 1 }, (_, block) => [
    blocks.timestampOffsetOf(block),
    ...packet.subarray(blocks.startOf(block), blocks.endOf(block)),
  ]);
}

/** Payload n is the byte n, at n steps. */
const sendAll = (red: RedSender, numbers: readonly number[]) =>
  numbers.map((n) => blocksOf(red.encode(OPUS, Uint8Array.of(n), (STEP * n) >>> 0)));

describe('RedSender', () => {
  it('sends nothing but the payload at level 0', () => {
    expect(sendAll(sender(0), [1, 2, 3])).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    {
      level: 1,
      last: [
        [STEP, 2],
        [0, 3],
      ],
    },
    {
      level: 2,
      last: [
        [2 * STEP, 1],
        [STEP, 2],
        [0, 3],
      ],
    },
  ] as const)('sends $level copies at level $level, the oldest first', ({ level, last }) => {
    expect(sendAll(sender(level), [1, 2, 3])).toEqual([
      undefined,
      [
        [STEP, 1],
        [0, 2],
      ],
      last,
    ]);
  });

  it('carries the payload type of each block', () => {
    const red = sender(1);
    red.encode(0, Uint8Array.of(1), 0);
    expect([...(red.encode(8, Uint8Array.of(2), 160) ?? [])]).toEqual([
      0x80,
      160 >> 6,
      (160 & 63) << 2,
      1,
      8,
      1,
      2,
    ]);
  });

  it('tells the age over the wrap of the timestamp', () => {
    const red = sender(1);
    red.encode(OPUS, Uint8Array.of(1), 0xffff_ff00);
    expect(blocksOf(red.encode(OPUS, Uint8Array.of(2), 0x100))).toEqual([
      [0x200, 1],
      [0, 2],
    ]);
  });

  it('copies what it keeps, for the buffer of the payload may be used again', () => {
    const red = sender(1);
    const payload = Uint8Array.of(1);
    red.encode(OPUS, payload, 0);
    payload[0] = 99;
    expect(blocksOf(red.encode(OPUS, Uint8Array.of(2), STEP))).toEqual([
      [STEP, 1],
      [0, 2],
    ]);
  });

  it('follows a change of the level at once, and keeps nothing over level 0', () => {
    const red = sender(2);
    sendAll(red, [1, 2]);
    red.level = 1;
    expect(sendAll(red, [3])).toEqual([
      [
        [STEP, 2],
        [0, 3],
      ],
    ]);
    red.level = 0;
    expect(sendAll(red, [4])).toEqual([undefined]);
    red.level = 2;
    expect(sendAll(red, [5, 6])).toEqual([
      undefined,
      [
        [STEP, 5],
        [0, 6],
      ],
    ]);
  });

  it('forgets what it kept when told', () => {
    const red = sender(2);
    sendAll(red, [1, 2]);
    red.forget();
    expect(sendAll(red, [3, 4])).toEqual([
      undefined,
      [
        [STEP, 3],
        [0, 4],
      ],
    ]);
  });

  it('leaves out what is older than the header can say', () => {
    const red = sender(2);
    red.encode(OPUS, Uint8Array.of(1), 0);
    expect(blocksOf(red.encode(OPUS, Uint8Array.of(2), 0x3fff))).toEqual([
      [0x3fff, 1],
      [0, 2],
    ]);
    expect(blocksOf(red.encode(OPUS, Uint8Array.of(3), 0x4000))).toEqual([
      [1, 2],
      [0, 3],
    ]);
  });

  it('leaves out a payload that is longer than the header can say, and all before it', () => {
    const red = sender(2);
    red.encode(OPUS, Uint8Array.of(1), 0);
    expect(red.encode(OPUS, new Uint8Array(1024), STEP)?.length).toBe(4 + 1 + 1 + 1024);
    expect(red.encode(OPUS, Uint8Array.of(3), 2 * STEP)).toBeUndefined();
  });

  it('carries a payload of 1023 bytes, and never makes a packet longer than the path takes', () => {
    const red = sender(2);
    red.encode(OPUS, new Uint8Array(1023), 0);
    const room = RED_MAX_PAYLOAD_BYTES - 1 - 4 - 1023;
    expect(red.encode(OPUS, new Uint8Array(room), STEP)?.length).toBe(RED_MAX_PAYLOAD_BYTES);
    // The newest copy goes before the older one, which no longer fits.
    expect(red.encode(OPUS, new Uint8Array(room), 2 * STEP)?.length).toBe(1 + 4 + 2 * room);
    expect(red.encode(OPUS, new Uint8Array(1200), 3 * STEP)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SOCKET_ADDRESS_BYTES } from '../../../../core/linux/kernel-memory.ts';
import { SocketAddress } from '../../../../core/linux/socket-address.ts';

const room = () => new Int32Array(SOCKET_ADDRESS_BYTES / 4);
const bytesOf = (words: Int32Array) => [...new Uint8Array(words.buffer)];

describe('SocketAddress', () => {
  it.each([
    {
      family: 4 as const,
      address: '192.0.2.200',
      expected: [2, 0, 0xfe, 0x01, 192, 0, 2, 200],
    },
    {
      family: 6 as const,
      address: '2001:db8::ff',
      expected: [
        10,
        0,
        0xfe,
        0x01,
        0,
        0,
        0,
        0,
        0x20,
        0x01,
        0x0d,
        0xb8,
        ...Array(11).fill(0),
        0xff,
        0,
        0,
        0,
        0,
      ],
    },
  ])('writes IPv$family as the kernel reads it', ({ family, address, expected }) => {
    const target = new SocketAddress(family);
    expect(target.assign(address, 0xfe01)).toBe(true);
    const words = room();
    target.write(words);
    expect(bytesOf(words).slice(0, expected.length)).toEqual(expected);
    expect(target.sizeBytes).toBe(family === 6 ? 28 : 16);
  });

  it.each([4, 6] as const)('reads what it writes, one after the other, over IPv%i', (family) => {
    const address =
      family === 4 ? fc.ipV4() : fc.nat(0xffff).map((host) => `2001:db8::1:${(host | 1).toString(16)}`);
    const [target, source] = [new SocketAddress(family), new SocketAddress(family)];
    const words = room();
    fc.assert(
      fc.property(address, fc.nat(0xffff), (text, port) => {
        expect(target.assign(text, port)).toBe(true);
        target.write(words);
        source.read(words);
        expect([source.address, source.port]).toEqual([text, port]);
      }),
    );
  });

  it('keeps its endpoint where another is refused', () => {
    const target = new SocketAddress(4);
    target.assign('192.0.2.1', 4000);
    for (const other of ['::1', 'example.org', '', '1.2.3']) expect(target.assign(other, 5000)).toBe(false);
    expect([target.address, target.port]).toEqual(['192.0.2.1', 4000]);
  });

  it('tells two addresses of IPv6 apart that differ in their last word alone', () => {
    const [target, source] = [new SocketAddress(6), new SocketAddress(6)];
    const words = room();
    const heard = ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:1::2'].map((address) => {
      target.assign(address, 4000);
      target.write(words);
      source.read(words);
      return source.address;
    });
    expect(new Set(heard).size).toBe(3);
  });
});

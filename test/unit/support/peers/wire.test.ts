import { describe, expect, it } from 'vitest';
import { decodeBencode, encodeBencode } from '../../../support/peers/bencode.ts';
import { NetstringReader, toNetstring } from '../../../support/peers/netstring.ts';

describe('bencode', () => {
  const CASES = [
    { name: 'text in octets', value: 'grüße', text: '7:grüße' },
    { name: 'a negative number', value: -3, text: 'i-3e' },
    { name: 'an empty list', value: [], text: 'le' },
    { name: 'a dictionary', value: { a: [1, 'b'], c: {} }, text: 'd1:ali1e1:be1:cdee' },
  ];
  it.each(CASES)('writes and reads $name', ({ value, text }) => {
    expect(Buffer.byteLength(encodeBencode(value))).toBe(Buffer.byteLength(text));
    expect(decodeBencode(Buffer.from(encodeBencode(value)))).toEqual(value);
  });

  it.each(['i12', 'x', '4:abc:'])('refuses or cuts %s without hanging', (text) => {
    const read = () => decodeBencode(Buffer.from(text));
    if (text.startsWith('4')) expect(read()).toBe('abc:');
    else expect(read).toThrow(/bencode/);
  });
});

describe('NetstringReader', () => {
  it('gives whole texts from pieces cut anywhere', () => {
    const bytes = Buffer.from(toNetstring('hello') + toNetstring('') + toNetstring('{"ä":1}'));
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = new NetstringReader();
      const texts = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
      expect(texts).toEqual(['hello', '', '{"ä":1}']);
    }
  });
});

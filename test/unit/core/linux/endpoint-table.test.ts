import { describe, expect, test } from 'vitest';
import { EndpointTable, SeededRandom, SocketAddress } from '../../../../core/index.ts';

/** As the kernel writes it. */
function wordsOf(address: string, port: number): Int32Array {
  const kernel = new SocketAddress(address.includes(':') ? 6 : 4);
  kernel.assign(address, port);
  const words = new Int32Array(8);
  kernel.write(words);
  return words;
}

describe.each([
  { family: 4, address: (index: number) => `192.0.${index >> 8}.${index & 255}`, isV6: false },
  { family: 6, address: (index: number) => `2001:db8::${index.toString(16)}:1`, isV6: true },
])('EndpointTable of IPv$family', ({ address, isV6 }) => {
  test('finds what was put under an address and port, and nothing under others', () => {
    const table = new EndpointTable<string>(isV6, 1);
    table.set(wordsOf(address(1), 5000), 0, 'a');
    table.set(wordsOf(address(2), 5000), 0, 'b');
    table.set(wordsOf(address(1), 5001), 0, 'c');
    expect(table.get(wordsOf(address(1), 5000), 0)).toBe('a');
    expect(table.get(wordsOf(address(2), 5000), 0)).toBe('b');
    expect(table.get(wordsOf(address(1), 5001), 0)).toBe('c');
    expect(table.get(wordsOf(address(2), 5001), 0)).toBeUndefined();
    expect(table.size).toBe(3);
  });

  test('reads keys from the middle of an array', () => {
    const table = new EndpointTable<string>(isV6, 1);
    const words = new Int32Array(16);
    words.set(wordsOf(address(7), 7), 8);
    table.set(wordsOf(address(7), 7), 0, 'a');
    expect(table.get(words, 8)).toBe('a');
    expect(table.get(words, 0)).toBeUndefined();
  });

  test('is a Map, whatever is set and deleted in whatever order', () => {
    const random = new SeededRandom(5);
    const table = new EndpointTable<number>(isV6, 9);
    const map = new Map<number, number>();
    const wrong: number[] = [];
    for (let step = 0; step < 4000; step += 1) {
      const index = random.uint32() % 300;
      const words = wordsOf(address(index), 4000 + (index % 7));
      if (random.uint32() % 2 === 0) {
        table.set(words, 0, step);
        map.set(index, step);
      } else {
        table.delete(words, 0);
        map.delete(index);
      }
      const other = random.uint32() % 300;
      const found = table.get(wordsOf(address(other), 4000 + (other % 7)), 0);
      if (table.size !== map.size || found !== map.get(other)) wrong.push(step);
    }
    expect(wrong).toEqual([]);
  });
});

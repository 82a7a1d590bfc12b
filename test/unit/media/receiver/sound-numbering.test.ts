import { describe, expect, it } from 'vitest';
import { SoundNumbering } from '../../../../media/receiver/sound-numbering.ts';

const SSRC = 7;

/** Sound by its number, an event by its number below zero. */
function numbersOf(packets: readonly number[], ssrc = SSRC): number[] {
  const numbering = new SoundNumbering();
  const numbers: number[] = [];
  for (const packet of packets) {
    if (packet < 0) numbering.skip(ssrc, -packet);
    else numbers.push(numbering.numberOf(ssrc, packet));
  }
  return numbers;
}

describe('SoundNumbering', () => {
  it.each([
    { name: 'sound alone keeps its numbers', packets: [5, 6, 8, 7], numbers: [5, 6, 8, 7] },
    { name: 'events leave no hole', packets: [5, -6, -7, -8, 9, -10, 11], numbers: [5, 6, 7] },
    { name: 'a repeated event counts once', packets: [5, -6, -6, 7], numbers: [5, 6] },
    { name: 'sound that an event overtook has its place', packets: [4, -6, 5, 7], numbers: [4, 5, 6] },
    { name: 'an event that sound overtook leaves a hole', packets: [5, 7, -6, 8], numbers: [5, 7, 8] },
    { name: 'an event that never came leaves a hole', packets: [5, -6, 8, 9], numbers: [5, 7, 8] },
    { name: 'events before any sound', packets: [-4, -5, 6], numbers: [4] },
  ])('$name', ({ packets, numbers }) => {
    expect(numbersOf(packets)).toEqual(numbers);
  });

  it('forgets no event however many there were', () => {
    const events = Array.from({ length: 1000 }, (_, i) => -(i + 2));
    expect(numbersOf([1, ...events, 1002, 1003])).toEqual([1, 2, 3]);
  });

  it('begins anew with another source', () => {
    const numbering = new SoundNumbering();
    numbering.skip(1, 5);
    expect(numbering.numberOf(1, 6)).toBe(5);
    expect(numbering.numberOf(2, 6)).toBe(6);
  });

  it('goes on where a sender begins anew far back in its numbers (RFC 3550 A.1)', () => {
    const numbering = new SoundNumbering();
    for (let number = 5001; number < 5100; number += 1) numbering.skip(1, number);
    const before = numbering.numberOf(1, 5100);
    const again = numbering.numberOf(1, 100);
    expect([before, again]).toEqual([5001, 1]);
    // Sound at each even number, before it an event.
    const numbers = [102, 104, 106].map((number) => {
      numbering.skip(1, number - 1);
      return numbering.numberOf(1, number);
    });
    expect(numbers).toEqual([again + 1, again + 2, again + 3]);
  });
});

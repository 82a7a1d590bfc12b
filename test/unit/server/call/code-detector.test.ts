import { describe, expect, it } from 'vitest';
import { CodeDetector } from '../../../../server/call/code-detector.ts';

/** @returns after which digits the code was complete */
function found(...digits: readonly (readonly [at: number, digit: string])[]): readonly number[] {
  const detector = new CodeDetector('*1');
  return digits.flatMap(([at, digit], index) => (detector.push(at, digit) ? [index] : []));
}

describe('CodeDetector', () => {
  it.each([
    {
      name: 'the code',
      digits: [
        [0, '*'],
        [300, '1'],
      ],
      expected: [1],
    },
    {
      name: 'among others',
      digits: [
        [0, '5'],
        [100, '*'],
        [300, '1'],
        [400, '1'],
      ],
      expected: [2],
    },
    {
      name: 'its first digit twice',
      digits: [
        [0, '*'],
        [100, '*'],
        [300, '1'],
      ],
      expected: [2],
    },
    {
      name: 'twice',
      digits: [
        [0, '*'],
        [300, '1'],
        [400, '*'],
        [700, '1'],
      ],
      expected: [1, 3],
    },
    {
      name: 'another digit between',
      digits: [
        [0, '*'],
        [100, '2'],
        [300, '1'],
      ],
      expected: [],
    },
    {
      name: 'too slow',
      digits: [
        [0, '*'],
        [2001, '1'],
      ],
      expected: [],
    },
    {
      name: 'just in time',
      digits: [
        [0, '*'],
        [2000, '1'],
      ],
      expected: [1],
    },
    {
      name: 'the other way round',
      digits: [
        [0, '1'],
        [100, '*'],
      ],
      expected: [],
    },
  ] as const)('finds $expected in $name', ({ digits, expected }) => {
    expect(found(...digits)).toEqual(expected);
  });
});

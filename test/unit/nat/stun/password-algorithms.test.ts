import { expect, test } from 'vitest';
import { encodePasswordAlgorithms, readPasswordAlgorithms } from '../../../../nat/index.ts';

test.each([
  { name: 'nothing', value: [], expected: [] },
  { name: 'one', value: [0, 1, 0, 0], expected: ['md5'] },
  { name: 'two, in their order', value: [0, 2, 0, 0, 0, 1, 0, 0], expected: ['sha256', 'md5'] },
  { name: 'an unknown one is passed over', value: [9, 9, 0, 0, 0, 2, 0, 0], expected: ['sha256'] },
  {
    name: 'parameters are passed over, with their padding',
    value: [9, 9, 0, 3, 1, 2, 3, 0, 0, 2, 0, 0],
    expected: ['sha256'],
  },
  { name: 'parameters past the end', value: [0, 1, 0, 0, 0, 2, 0, 9], expected: [] },
  { name: 'cut within an entry', value: [0, 1, 0, 0, 0, 2, 0], expected: [] },
])('readPasswordAlgorithms(): $name (RFC 8489 §14.11)', ({ value, expected }) => {
  expect(readPasswordAlgorithms(Uint8Array.from(value))).toEqual(expected);
});

test('what is written is read', () => {
  const value = encodePasswordAlgorithms(['sha256', 'md5']);
  expect([...value]).toEqual([0, 2, 0, 0, 0, 1, 0, 0]);
  expect(readPasswordAlgorithms(value)).toEqual(['sha256', 'md5']);
});

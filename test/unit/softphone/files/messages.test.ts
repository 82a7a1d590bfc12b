import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { MOST_CONTROL_LENGTH, MOST_MARKS } from '../../../../softphone/files/limits.ts';
import { type ControlMessage, parseControl, serializeControl } from '../../../../softphone/files/messages.ts';

const sha256 = 'ab'.repeat(32);

const MESSAGES: readonly ControlMessage[] = [
  { type: 'offer', version: 1, name: 'a "b" \\ ü', sizeBytes: 5, modifiedMs: -1 },
  { type: 'accept', marks: [{ offsetBytes: 3, sha256 }] },
  { type: 'refuse', reason: 'noSpace', text: 'full' },
  { type: 'start', offsetBytes: Number.MAX_SAFE_INTEGER },
  { type: 'progress', writtenBytes: 0 },
  { type: 'working' },
  { type: 'end', sha256 },
  { type: 'done', name: 'a (1)' },
  { type: 'abort', reason: 'cancelled', text: '' },
];

test.each(MESSAGES)('$type is the same after it was written and read', (message) => {
  expect(parseControl(serializeControl(message))).toEqual(message);
});

describe('parseControl() refuses', () => {
  const marks = Array.from({ length: MOST_MARKS + 1 }, () => ({ offsetBytes: 1, sha256 }));
  test.each([
    { name: 'no JSON', text: '{' },
    { name: 'an array', text: '[]' },
    { name: 'null', text: 'null' },
    { name: 'an unknown type', text: '{"type":"exec"}' },
    { name: 'another version', text: '{"type":"offer","version":2,"name":"a","sizeBytes":1,"modifiedMs":0}' },
    {
      name: 'a negative size',
      text: '{"type":"offer","version":1,"name":"a","sizeBytes":-1,"modifiedMs":0}',
    },
    { name: 'a size that is no whole number', text: '{"type":"start","offsetBytes":1.5}' },
    { name: 'a size beyond all numbers', text: '{"type":"start","offsetBytes":1e300}' },
    { name: 'a hash that is none', text: '{"type":"end","sha256":"xyz"}' },
    { name: 'too many marks', text: JSON.stringify({ type: 'accept', marks }) },
    { name: 'a reason of its own', text: '{"type":"abort","reason":"because","text":""}' },
    { name: 'more than fits', text: ' '.repeat(MOST_CONTROL_LENGTH + 1) },
  ])('$name', ({ text }) => {
    expect(parseControl(text)).toBeInstanceOf(DecodeError);
  });

  test('every message that is cut anywhere', () => {
    for (const message of MESSAGES) {
      const text = serializeControl(message);
      for (let end = 0; end < text.length; end += 1)
        expect(parseControl(text.slice(0, end))).toBeInstanceOf(DecodeError);
    }
  });
});

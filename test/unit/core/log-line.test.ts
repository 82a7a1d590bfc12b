import { expect, test } from 'vitest';
import { plainLogLine } from '../../../core/log-line.ts';

const lineOf = (fields: object) => plainLogLine(JSON.stringify(fields));

test('the phrase comes first, then what it is about', () => {
  const fields = { level: 40, time: 1, part: 'turn', place: '0.0.0.0:3478', msg: 'the port is taken' };
  expect(lineOf(fields)).toBe('warning: the port is taken (part turn, place 0.0.0.0:3478)\n');
  expect(lineOf({ level: 30, time: 1, msg: 'server stopped' })).toBe('info: server stopped\n');
});

test('a fault has its stack below', () => {
  const err = { message: 'no', stack: 'Error: no\n    at there' };
  expect(lineOf({ level: 50, time: 1, err, msg: 'it failed' })).toBe(
    'error: it failed\nError: no\n    at there\n',
  );
});

test('nothing of it is obeyed by a terminal', () => {
  const line = lineOf({ level: 40, time: 1, from: 'a\u001b[31m\nb', listening: ['udp \u0007'], msg: 'x' });
  expect(line).toBe('warning: x (from a [31m b, listening ["udp \\u0007"])\n');
});

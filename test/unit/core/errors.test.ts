import { describe, expect, test } from 'vitest';
import {
  codeOf,
  DecodeError,
  InvariantError,
  invariant,
  messageOf,
  OperationError,
  UsageError,
} from '../../../core/index.ts';

describe('the four kinds of error', () => {
  test('a DecodeError is a value with place and offset, and carries no stack', () => {
    const error = new DecodeError('SIP_BAD_URI', 'Via[0].branch', 'no closing quote', 17);
    expect(error).not.toBeInstanceOf(Error);
    expect(error).not.toHaveProperty('stack');
    expect(String(error)).toBe('Via[0].branch at byte 17: no closing quote');
    expect(String(new DecodeError('X', 'body', 'empty'))).toBe('body: empty');
  });

  test('an OperationError has a stable code and a cause', () => {
    const cause = new Error('refused');
    const error = new OperationError('SIP_TRANSACTION_TIMEOUT', 'no answer', { cause });
    expect(error).toMatchObject({ name: 'OperationError', code: 'SIP_TRANSACTION_TIMEOUT', cause });
  });

  test('a UsageError is told from the others by its code', () => {
    expect(new UsageError('users.alice.password is missing')).toMatchObject({
      name: 'UsageError',
      code: 'USAGE',
    });
  });

  test('invariant() throws where its condition does not hold, with the reason', () => {
    expect(() => invariant(true, 'cannot fail')).not.toThrow();
    for (const condition of [false, 0, '', null, undefined]) {
      expect(() => invariant(condition, 'the heap is never empty here')).toThrow(InvariantError);
    }
    expect(() => invariant(false, 'the heap is never empty here')).toThrow('the heap is never empty here');
  });
});

test.each([
  { thrown: new Error('a'), message: 'a', code: undefined },
  {
    thrown: Object.assign(new Error('in use'), { code: 'EADDRINUSE' }),
    message: 'in use',
    code: 'EADDRINUSE',
  },
  { thrown: { code: 5 }, message: '[object Object]', code: undefined },
  { thrown: 'text', message: 'text', code: undefined },
  { thrown: null, message: 'null', code: undefined },
  { thrown: undefined, message: 'undefined', code: undefined },
])('messageOf() and codeOf() read whatever was thrown: $message', ({ thrown, message, code }) => {
  expect(messageOf(thrown)).toBe(message);
  expect(codeOf(thrown)).toBe(code);
});

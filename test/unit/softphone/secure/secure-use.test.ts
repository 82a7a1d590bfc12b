import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../core/index.ts';
import { createSoftphone } from '../../../../softphone/index.ts';
import { takesSecured } from '../../../../softphone/secure/secure-use.ts';

test.each([
  { options: {}, expected: true },
  { options: { secure: 'required' }, expected: true },
  { options: { secure: 'off' }, expected: false },
  { options: { ice: 'relay' }, expected: false },
  { options: { ice: 'off' }, expected: false },
] as const)('takesSecured($options) is $expected', ({ options, expected }) => {
  expect(takesSecured(options)).toBe(expected);
});

describe.each(['relay', 'off'] as const)('with ice "%s"', (ice) => {
  test.each(['auto', 'required'] as const)('secure "%s" is refused', async (secure) => {
    await expect(createSoftphone({ ice, secure })).rejects.toThrow(UsageError);
    await expect(createSoftphone({ ice, secure })).rejects.toThrow(`--ice ${ice} is not for encrypted calls`);
  });
});

import { expect, test } from 'vitest';
import { notSecuredText } from '../../../cli/secure-option.ts';

test.each([
  { flags: {}, isSecured: false, isSaid: false },
  { flags: { secure: 'off' }, isSecured: false, isSaid: false },
  { flags: { secure: 'required' }, isSecured: true, isSaid: false },
  { flags: { secure: 'auto' }, isSecured: true, isSaid: false },
  { flags: { secure: 'auto' }, isSecured: false, isSaid: true },
  { flags: { secure: true }, isSecured: false, isSaid: true },
] as const)('$flags, secured $isSecured: said $isSaid', ({ flags, isSecured, isSaid }) => {
  const text = notSecuredText(flags, { isSecured });
  expect(text?.startsWith('not encrypted:') ?? false).toBe(isSaid);
});

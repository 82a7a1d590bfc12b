// Characters for property tests.
import fc from 'fast-check';

/**
 * Any code point that is no surrogate, as one character. fast-check's own unit `binary` makes a table of all 1.1 million
 * first, which takes a second.
 */
export const anyCodePoint = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((codePoint) => String.fromCodePoint(codePoint));

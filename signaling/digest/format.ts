// Digest challenges and credentials as text.
import { formatAuthParameters } from '../message/index.ts';

/** Values by name; undefined ones are left out. */
type Values = Readonly<Record<string, string | undefined>>;

/** `Digest realm="a", algorithm=MD5`: RFC 3261 §25.1 wants quotes for some and forbids them for others. */
export function formatDigest(quoted: Values, tokens: Values): string {
  const parameters = [...listOf(quoted, true), ...listOf(tokens, false)];
  return formatAuthParameters('Digest', parameters);
}

function listOf(values: Values, isQuoted: boolean) {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value, quoted: isQuoted }],
  );
}

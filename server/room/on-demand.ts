// Which dialled names are rooms though nobody configured them one by one: `3000`, `3000-3099`, `meet-*`.

const NAME = /^[A-Za-z0-9+._-]{1,64}$/;
const RANGE = /^(\d{1,15})-(\d{1,15})$/;
const PREFIX = /^([A-Za-z0-9+._-]{1,63})\*$/;
/** What stands for the star is dialled by whoever likes: names as long as users' may be. */
const LONGEST_NAME = 64;

/** Whether this is a number, a range of numbers of one length, or the beginning of names with a star. */
export function isOnDemandPattern(text: string): boolean {
  const [, first, last] = RANGE.exec(text) ?? [];
  if (first !== undefined && last !== undefined) {
    return first.length === last.length && Number(first) <= Number(last);
  }
  return NAME.test(text) || PREFIX.test(text);
}

/** Whether any of the patterns, each checked by {@link isOnDemandPattern}, means the dialled name. */
export function isOnDemand(patterns: readonly string[], dialled: string): boolean {
  return NAME.test(dialled) && patterns.some((pattern) => isMeant(pattern, dialled));
}

function isMeant(pattern: string, dialled: string): boolean {
  const [, first, last] = RANGE.exec(pattern) ?? [];
  if (first !== undefined && last !== undefined) {
    // Digits of one length are in the order of their text.
    return /^\d+$/.test(dialled) && dialled.length === first.length && dialled >= first && dialled <= last;
  }
  const [, beginning] = PREFIX.exec(pattern) ?? [];
  if (beginning === undefined) return dialled === pattern;
  return dialled.startsWith(beginning) && dialled.length > beginning.length && dialled.length <= LONGEST_NAME;
}

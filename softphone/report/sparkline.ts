// A row of bars.

const BARS = '▁▂▃▄▅▆▇█';
const GAP = '·';

/**
 * One bar a value, from `lowest` to `highest`; null is a gap. More values than `width` are joined, each bar the lowest
 * of its group, so that a short bad spell is not averaged away.
 */
export function sparkline(
  values: readonly (number | null)[],
  options: { readonly lowest: number; readonly highest: number; readonly width: number },
): string {
  const group = Math.max(1, Math.ceil(values.length / options.width));
  let line = '';
  for (let at = 0; at < values.length; at += group) {
    const known = values.slice(at, at + group).filter((value) => value !== null);
    line += known.length === 0 ? GAP : barOf(Math.min(...known), options);
  }
  return line;
}

function barOf(value: number, { lowest, highest }: { lowest: number; highest: number }): string {
  const share = (value - lowest) / (highest - lowest);
  const index = Math.max(0, Math.min(BARS.length - 1, Math.floor(share * BARS.length)));
  return BARS[index] ?? GAP;
}

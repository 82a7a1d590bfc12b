// The next deadline of a machine that is made of others.

/** The least of the moments that are given; undefined where none is. */
export function earliestOf(...moments: readonly (number | undefined)[]): number | undefined {
  let earliest: number | undefined;
  for (const at of moments) if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
  return earliest;
}

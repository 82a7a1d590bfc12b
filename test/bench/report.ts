// Numbers for people.

/** `12 345`, `3.21`: four digits that mean something, no more. */
export function formatNumber(value: number): string {
  if (Math.abs(value) < 100) return value.toPrecision(3);
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}

export function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Prints why a figure cannot be trusted, so that nobody takes the generator's limit for the server's. */
export function complain(what: string): void {
  process.stdout.write(`  NOT TO BE TRUSTED: ${what}\n`);
}

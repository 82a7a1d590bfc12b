// Peer and Patchcord in turn, several times, because a machine's speed drifts: only ratios within a run mean something.
import { formatNumber } from './report.ts';

export interface Contestant<Figures> {
  readonly name: string;
  measure(): Promise<Figures>;
}

export interface ComparisonOptions<Figures> {
  readonly title: string;
  /** The figure that is compared, larger being better. */
  readonly figure: (figures: Figures) => number;
  readonly unit: string;
  /** The least ratio of ours to the peer's that the project promises. */
  readonly target?: number;
  readonly rounds?: number;
  /** More of a run than its main figure. */
  readonly describe?: (figures: Figures) => string;
}

const ROUNDS = 3;

/** Prints every round and the median ratio; without a peer, our figures alone. @returns whether the target is met */
export async function compare<Figures>(
  ours: Contestant<Figures>,
  peer: Contestant<Figures> | undefined,
  options: ComparisonOptions<Figures>,
): Promise<boolean> {
  process.stdout.write(`\n${options.title}\n`);
  const ratios: number[] = [];
  for (let round = 0; round < (options.rounds ?? ROUNDS); round += 1) {
    const theirs = peer === undefined ? undefined : await measureOne(peer, options);
    const own = await measureOne(ours, options);
    if (theirs !== undefined) ratios.push(own / theirs);
  }
  return verdict(median(ratios), options.target);
}

async function measureOne<Figures>(
  contestant: Contestant<Figures>,
  options: ComparisonOptions<Figures>,
): Promise<number> {
  const figures = await contestant.measure();
  const value = options.figure(figures);
  const more = options.describe === undefined ? '' : `   ${options.describe(figures)}`;
  const name = contestant.name.padEnd(10);
  process.stdout.write(`  ${name} ${formatNumber(value).padStart(10)} ${options.unit}${more}\n`);
  return value;
}

function verdict(ratio: number | undefined, target: number | undefined): boolean {
  if (ratio === undefined) return true;
  const isMet = target === undefined || ratio >= target;
  const promise = target === undefined ? '' : ` (to reach: ${target}; ${isMet ? 'reached' : 'MISSED'})`;
  process.stdout.write(`  median ratio ${ratio.toFixed(2)}${promise}\n`);
  return isMet;
}

/** Of an even number of values the upper one; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

// When calls may be secured: node-datachannel finds its paths by itself, and knows neither relays alone nor none but ours.
import { UsageError } from '../../core/index.ts';
import type { SoftphoneOptions } from '../options.ts';

type PathUse = Pick<SoftphoneOptions, 'ice' | 'secure'>;

const WHY = {
  // Its relay policy hides candidates and goes direct all the same: its checks tell the far end where we are.
  relay: 'the far end would see our address',
  off: 'it goes straight to the far end, past the server',
} as const;

/** Whether what the far end secures is taken: where it would take a path that is not wanted, it is refused by 488. */
export function takesSecured({ ice = 'auto', secure }: PathUse): boolean {
  return secure !== 'off' && ice === 'auto';
}

/**
 * @param what - `files`
 * @throws UsageError where it would take a path that is not wanted
 */
export function checkPathUse({ ice = 'auto' }: PathUse, what: string): void {
  if (ice === 'auto') return;
  throw new UsageError(`--ice ${ice} is not for ${what}: ${WHY[ice]}; they go with --ice auto`);
}

// Which core does what: what is measured and what loads it must not share one.
import { availableParallelism } from 'node:os';

/** The core of the program that is measured, as taskset names it; undefined on a machine with one core. */
export const SERVER_CPUS = availableParallelism() > 1 || process.platform === 'linux' ? '0' : undefined;

/** Options that pin a peer to the measured core. */
export const onServerCore: { readonly cpus?: string } =
  SERVER_CPUS === undefined ? {} : { cpus: SERVER_CPUS };

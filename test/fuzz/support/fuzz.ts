// The one way in which decoders are fuzzed: true inputs, changed at random for so long, under a property that must hold.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { type Random, SeededRandom } from '../../../core/index.ts';
import { mutate } from './mutate.ts';

/** For each decoder. */
export const SECONDS = Number(process.env.PATCHCORD_FUZZ_SECONDS ?? 5);
const SEED = Number(process.env.PATCHCORD_FUZZ_SEED ?? 4475);

/** No input may take longer, however busy the machine is. */
const HANG_MS = 2000;
/** The memory is read after each of so many rounds. */
const ROUNDS = 8;
/** What the compiler and the test runner may keep. A decoder that keeps a byte of each of its inputs keeps more. */
const MOST_GROWTH_BYTES = 8e6;
/** Inputs between two looks at the clock. */
const BATCH = 16;
/** For what comes before and after, on a busy machine. */
const SPARE_MS = 60_000;

/** A decoder that is fed. It throws where something is wrong: an error of its own, or a property that does not hold. */
export interface Fed {
  feed(input: Uint8Array, random: Random): void;
  close?(): void;
}

/** One entry of a table of decoders. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs with which nothing is wrong. Empty ones and noise come by themselves. */
  readonly corpus: readonly Uint8Array[];
  /** Pieces of text that matter to a parser. */
  readonly fragments?: readonly string[];
  readonly open: () => Fed | Promise<Fed>;
}

// The garbage collector, without a flag on the command line of whoever runs the tests.
setFlagsFromString('--expose-gc');
// Cast: the flag above puts exactly this function into new contexts.
const collectGarbage = runInNewContext('gc') as () => void;

/** A test for each decoder: no throw, no hang, no growth. */
export function fuzz(targets: readonly FuzzTarget[]): void {
  test.each(targets)(
    `$name for ${SECONDS} s, seed ${SEED}`,
    async (target) => {
      const fed = await target.open();
      const random = new SeededRandom(SEED).fork(target.name);
      for (const input of target.corpus) feed(fed, input, random);
      const held: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        playRound(fed, target, random);
        held.push(heldBytes());
      }
      fed.close?.();
      // The first rounds warm up the compiler. Growth shows in every later one: the least of them is compared.
      const [start = 0, end = 0] = [Math.max(...held.slice(0, 2)), Math.min(...held.slice(-3))];
      expect(end - start).toBeLessThan(MOST_GROWTH_BYTES);
    },
    SECONDS * 1000 + SPARE_MS,
  );
}

function playRound(fed: Fed, { corpus, fragments }: FuzzTarget, random: Random): void {
  const endAt = performance.now() + (SECONDS * 1000) / ROUNDS;
  while (performance.now() < endAt) {
    for (let i = 0; i < BATCH; i += 1) {
      const input = corpus[random.uint32() % (corpus.length + 1)] ?? random.bytes(random.uint32() % 600);
      feed(fed, mutate(input, random, fragments), random);
    }
  }
}

function feed(fed: Fed, input: Uint8Array, random: Random): void {
  const startedAt = performance.now();
  try {
    fed.feed(input, random);
    if (performance.now() - startedAt > HANG_MS) throw new Error('took too long');
  } catch (error) {
    throw new Error(`input in base64: ${Buffer.from(input).toString('base64')}`, { cause: error });
  }
}

function heldBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// All 81 pairs of NATs by RFC 4787 in one world, each with a call between two paths, and what became of them.
import {
  createWorld,
  NAT_BEHAVIOURS,
  type NatBehaviour,
  randomLoss,
  type World,
} from '../../support/index.ts';
import { addStunServer, STUN_SERVER } from './ice-stage.ts';
import {
  addTurnServer,
  closeAll,
  exchange,
  kindOf,
  openEnd,
  type PathEnd,
  turnService,
} from './path-stage.ts';
import type { NatKind } from './reachability.ts';

/** One way, between any two hosts. */
const DELAY_MS = 20;
/** So long after the exchange of descriptions the kind of the pair is judged. */
const JUDGED_AFTER_MS = 6_000;

const KINDS: readonly NatKind[] = NAT_BEHAVIOURS.flatMap((mapping) =>
  NAT_BEHAVIOURS.map((filtering) => ({ mapping, filtering })),
);

/** What became of one pair of NATs. */
export interface PairResult {
  readonly a: NatKind;
  readonly b: NatKind;
  /** As both sides see it. */
  readonly kinds: readonly [string, string];
  /** From the exchange of descriptions until both had a path. */
  readonly setUpMs: number | undefined;
}

export interface PairsOptions {
  readonly seed: number;
  readonly hasTurn: boolean;
  readonly lossRatio: number;
}

interface Match {
  readonly a: NatKind;
  readonly b: NatKind;
  readonly ends: readonly [PathEnd, PathEnd];
  readonly selectedAt: number[];
}

export async function playNatPairs({ seed, hasTurn, lossRatio }: PairsOptions): Promise<PairResult[]> {
  const world = createWorld({ seed, link: { delayMs: DELAY_MS, loss: randomLoss(lossRatio) } });
  await addStunServer(world);
  if (hasTurn) await addTurnServer(world);
  const matches = await openMatches(world, hasTurn);
  const ends = matches.flatMap((match) => match.ends);
  await world.complete(Promise.all(ends.map(({ path }) => path.gathered)));
  const startedAt = world.now();
  for (const match of matches) begin(world, match);
  await world.run(JUDGED_AFTER_MS);
  const results = matches.map((match) => resultOf(match, startedAt));
  await closeAll(world, ends);
  return results;
}

async function openMatches(world: World, hasTurn: boolean): Promise<Match[]> {
  const matches: Match[] = [];
  for (const [i, a] of KINDS.entries()) {
    for (const [j, b] of KINDS.entries()) {
      const number = KINDS.length * i + j;
      const ends = [
        await openBehind(world, a, {
          name: `a${number}`,
          externalAddress: `203.0.113.${number + 1}`,
          hasTurn,
        }),
        await openBehind(world, b, { name: `b${number}`, externalAddress: `192.0.2.${number + 1}`, hasTurn }),
      ] as const;
      matches.push({ a, b, ends, selectedAt: [] });
    }
  }
  return matches;
}

interface Place {
  readonly name: string;
  readonly externalAddress: string;
  readonly hasTurn: boolean;
}

function openBehind(world: World, kind: NatKind, place: Place): Promise<PathEnd> {
  const { name, externalAddress, hasTurn } = place;
  const behind = world.nat(`nat of ${name}`, { ...kind, externalAddress });
  return openEnd(world, world.host(name, { addresses: ['10.0.0.2'], behind }), {
    role: name.startsWith('a') ? 'controlling' : 'controlled',
    stunServers: [{ host: STUN_SERVER.address, port: STUN_SERVER.port }],
    turnServers: hasTurn ? [turnService()] : [],
  });
}

/** Descriptions cross, and whatever is found later follows them. */
function begin(world: World, { ends: [a, b], selectedAt }: Match): void {
  for (const [end, peer] of [
    [a, b],
    [b, a],
  ] as const) {
    end.path.onCandidate = () => peer.path.setRemote(end.path.local);
    end.path.onState = (state) => {
      if (state === 'connected') selectedAt.push(world.now());
    };
  }
  exchange(a, b);
}

function resultOf({ a, b, ends, selectedAt }: Match, startedAt: number): PairResult {
  const [first, second] = selectedAt;
  const setUpMs =
    first !== undefined && second !== undefined ? Math.max(first, second) - startedAt : undefined;
  return { a, b, kinds: [kindOf(ends[0]), kindOf(ends[1])], setUpMs };
}

/** What a person wants to know of the kind of a pair. */
export function outcomeOf({ kinds }: PairResult): 'direct' | 'relayed' | 'none' | 'unlike' {
  const outcomes = kinds.map((kind) =>
    kind === 'none' ? 'none' : kind.includes('relayed') ? 'relayed' : 'direct',
  );
  const [first = 'none', second] = outcomes;
  return first === second ? first : 'unlike';
}

const SHORT: Readonly<Record<NatBehaviour, string>> = {
  'endpoint-independent': 'EI',
  'address-dependent': 'AD',
  'address-and-port-dependent': 'APD',
};

/** A table to be shown: a row for each NAT of a, a column for each of b (mapping/filtering). */
export function formatPairs(results: readonly PairResult[]): string {
  const nameOf = ({ mapping, filtering }: NatKind) => `${SHORT[mapping]}/${SHORT[filtering]}`;
  const names = KINDS.map(nameOf);
  const cell = (result: PairResult | undefined) => {
    if (!result) return '';
    return `${outcomeOf(result)}${result.setUpMs === undefined ? '' : ` ${result.setUpMs}`}`;
  };
  const rows = KINDS.map((a, i) => [nameOf(a), ...KINDS.map((_, j) => cell(results[KINDS.length * i + j]))]);
  const lines = [['a \\ b', ...names], names.map(() => '---').concat('---'), ...rows];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** @returns milliseconds; in half of all cases, and in the slowest */
export function setUpTimes(results: readonly PairResult[]): { medianMs: number; worstMs: number } {
  const times = results.flatMap(({ setUpMs }) => setUpMs ?? []).sort((a, b) => a - b);
  return { medianMs: times[times.length >> 1] ?? 0, worstMs: times.at(-1) ?? 0 };
}

// Which questions find out what, phase by phase (RFC 5780 §4.2 to §4.4), and what follows from the answers.
import { type Endpoint, isSameEndpoint, isSameScope } from '../../core/index.ts';
import type { StunTiming } from '../stun/index.ts';
import { STUN_PORT, STUNS_PORT } from '../turn/types.ts';
import type { Probe, Prober } from './prober.ts';
import {
  type FilterTrial,
  type FilterVerdict,
  filteringOf,
  type MappingVerdict,
  mappingOf,
} from './verdict.ts';

/** Asks everybody; asks for the filter and learns what it is used with; and is reached by the third from inside. */
export const MAPPING_SOCKET = 0;
/** Sends to the first server alone, so that its filter lets nobody else in. */
export const FILTER_SOCKET = 1;
export const HAIRPIN_SOCKET = 2;
export const DISCOVERY_SOCKETS = 3;

/** In their order. */
export const PHASES = ['reach', 'map', 'test', 'control', 'done'] as const;
export type DiscoveryPhase = (typeof PHASES)[number];

/** Everything that is asked. A number stands for the server endpoint of that place in {@link Knowledge.endpoints}. */
export type Question =
  | `map ${number}`
  | 'filter mapping'
  | 'hairpin mapping'
  | `filter ${number}`
  | `control ${number}`
  | 'hairpin in'
  | 'hairpin out';

/** How long a server has to answer at all: 9.5 s, five requests. */
const REACH_TIMING: StunTiming = { rtoMs: 500, requestCount: 5, lastWaitFactor: 4 };
/** Where nothing is known of the round trip. */
const USUAL_RTO_MS = 250;
const LEAST_RTO_MS = 100;
const MOST_RTO_MS = 500;
/** 4.7 s at 100 ms, and one in 20,000 lost by chance where the way loses one in ten. */
const TEST_REQUESTS = 6;

/** What is known so far: the prober's answers under the plan's view. */
export class Knowledge {
  readonly prober: Prober<Question>;
  readonly givenCount: number;
  /** Servers that were given, then those found out about. */
  readonly endpoints: Endpoint[];
  /** Where the primary may have a second port, by their places: one that answers is enough. */
  guesses: readonly number[] = [];

  constructor(prober: Prober<Question>, servers: readonly Endpoint[]) {
    this.prober = prober;
    this.endpoints = servers.filter(
      (server, index) => servers.findIndex((a) => isSameEndpoint(a, server)) === index,
    );
    this.givenCount = this.endpoints.length;
  }

  /** The server that says most: one with another address, or else the first that answered. */
  get primary(): number | undefined {
    const answered = this.#answered().filter((index) => index < this.givenCount);
    return answered.find((index) => this.#otherOf(index) !== undefined) ?? answered[0];
  }

  /** Where the primary can answer from beside itself; undefined where it has one address. */
  get other(): Endpoint | undefined {
    return this.primary === undefined ? undefined : this.#otherOf(this.primary);
  }

  get mapping(): MappingVerdict {
    const sights = this.endpoints.flatMap((server, index) => {
      const mapped = this.prober.mapped(`map ${index}`);
      return mapped ? [{ server, mapped }] : [];
    });
    return mappingOf(sights);
  }

  get filtering(): FilterVerdict {
    const contacted = this.primary === undefined ? undefined : this.endpoints[this.primary];
    if (!contacted) return { filtering: null, isByPort: null, doubt: 'no-answer' };
    const trials = this.#trials();
    const sound = trials.filter((trial) => trial.isHeard || this.#isSound(trial.index));
    const verdict = filteringOf(contacted, sound);
    return verdict.filtering === null && sound.length < trials.length
      ? { ...verdict, doubt: 'server-unable' }
      : verdict;
  }

  /** Whether a server answered at another port of the primary's address. */
  get hasSecondPort(): boolean {
    const primary = this.primary === undefined ? undefined : this.endpoints[this.primary];
    return this.#answered().some((index) => {
      const { address, port } = this.endpoints[index] ?? {};
      return address === primary?.address && port !== primary?.port;
    });
  }

  get needlessGuesses(): readonly number[] {
    return this.hasSecondPort ? this.guesses : [];
  }

  timing(): StunTiming {
    const answer = this.primary === undefined ? undefined : this.prober.answer(`map ${this.primary}`);
    const roundTripMs = answer?.type === 'answered' ? answer.roundTripMs : null;
    const rtoMs = roundTripMs === null ? USUAL_RTO_MS : 2 * roundTripMs;
    return {
      rtoMs: Math.min(MOST_RTO_MS, Math.max(LEAST_RTO_MS, rtoMs)),
      requestCount: TEST_REQUESTS,
    };
  }

  #answered(): readonly number[] {
    return this.endpoints.flatMap((_, index) => (this.prober.mapped(`map ${index}`) ? [index] : []));
  }

  #otherOf(index: number): Endpoint | undefined {
    const [server, answer] = [this.endpoints[index], this.prober.answer(`map ${index}`)];
    const other = answer?.type === 'answered' ? answer.otherAddress : undefined;
    if (!server || !other || other.port === 0 || other.address === server.address) return undefined;
    return isSameScope(server.address, other.address) ? other : undefined;
  }

  #trials(): readonly (FilterTrial & { readonly index: number })[] {
    return this.endpoints.flatMap((origin, index) => {
      const answer = this.prober.answer(`filter ${index}`);
      return answer ? [{ origin, index, isHeard: answer.type === 'answered' }] : [];
    });
  }

  /** Whether who was not heard could have been: he answers where nothing is in his way. */
  #isSound(index: number): boolean {
    const control = this.prober.answer(`control ${index}`);
    return control ? control.type === 'answered' : this.prober.isAnswered(`map ${index}`);
  }
}

/** The questions with which a phase begins. */
export function questionsOf(phase: DiscoveryPhase, known: Knowledge): readonly Probe<Question>[] {
  if (phase === 'reach') return mapQuestions(known, 0, REACH_TIMING);
  if (phase === 'map') return [...furtherMapQuestions(known), ...ownMappingQuestions(known)];
  if (phase === 'test') return [...filterQuestions(known), ...hairpinQuestions(known)];
  return phase === 'control' ? controlQuestions(known) : [];
}

function mapQuestions(known: Knowledge, from: number, timing: StunTiming): readonly Probe<Question>[] {
  return known.endpoints
    .map((remote, index) => ({ name: `map ${index}` as const, socket: MAPPING_SOCKET, remote, ...timing }))
    .slice(from);
}

/** RFC 5780 §4.3: the primary's other address and port, each and both; or what a server may have beside. */
function furtherMapQuestions(known: Knowledge): readonly Probe<Question>[] {
  const primary = known.primary === undefined ? undefined : known.endpoints[known.primary];
  if (!primary) return [];
  const { other } = known;
  const further = other
    ? [{ ...other, port: primary.port }, { ...primary, port: other.port }, other]
    : guessesFor(primary, known);
  const from = known.endpoints.length;
  known.endpoints.push(...further.filter((one) => !known.endpoints.some((a) => isSameEndpoint(a, one))));
  if (!other) known.guesses = known.endpoints.flatMap((_, index) => (index < from ? [] : [index]));
  return mapQuestions(known, from, known.timing());
}

/** RFC 5780 §6 has pairs of ports; who has one address does not tell of them, and most choose the next one. */
function guessesFor(primary: Endpoint, { hasSecondPort }: Knowledge): readonly Endpoint[] {
  if (hasSecondPort) return [];
  const ports = [primary.port + 1, ...(primary.port === STUN_PORT ? [STUNS_PORT] : [])];
  return ports.filter((port) => port <= 65_535).map((port) => ({ ...primary, port }));
}

function ownMappingQuestions(known: Knowledge): readonly Probe<Question>[] {
  const remote = known.primary === undefined ? undefined : known.endpoints[known.primary];
  if (!remote) return [];
  const timing = known.timing();
  return [
    { name: 'filter mapping', socket: FILTER_SOCKET, remote, ...timing },
    { name: 'hairpin mapping', socket: HAIRPIN_SOCKET, remote, ...timing },
  ];
}

/** RFC 5780 §4.4; and where the server has one address, others are asked to answer to the filter's port. */
function filterQuestions(known: Knowledge): readonly Probe<Question>[] {
  const primary = known.primary === undefined ? undefined : known.endpoints[known.primary];
  const ownMapping = known.prober.mapped('filter mapping');
  if (!primary || !ownMapping) return [];
  if (known.other) return changeQuestions(known, 'filter', FILTER_SOCKET);
  return viaQuestions(known, 'filter', () => ownMapping);
}

function changeQuestions(
  known: Knowledge,
  word: 'filter' | 'control',
  socket: number,
): readonly Probe<Question>[] {
  const { other, endpoints, primary: index = 0 } = known;
  const remote = endpoints[index];
  if (!remote || !other) return [];
  const timing = known.timing();
  return [
    { responder: other, change: { address: true, port: true } },
    { responder: { ...remote, port: other.port }, change: { address: false, port: true } },
  ].map(({ responder, change }) => {
    const place = endpoints.findIndex((endpoint) => isSameEndpoint(endpoint, responder));
    return { name: `${word} ${place}` as const, socket, remote, responder, change, ...timing };
  });
}

/** From every other server that answers, through RESPONSE-PORT, to a port of ours behind the same address. */
function viaQuestions(
  known: Knowledge,
  word: 'filter' | 'control',
  targetOf: (index: number) => Endpoint | undefined,
): readonly Probe<Question>[] {
  const arrivesAt = word === 'filter' ? FILTER_SOCKET : MAPPING_SOCKET;
  return known.endpoints.flatMap((remote, index) => {
    const [mapped, target] = [known.prober.mapped(`map ${index}`), targetOf(index)];
    if (index === known.primary || !target || mapped?.address !== target.address) return [];
    const where = { socket: MAPPING_SOCKET, remote, responsePort: target.port, arrivesAt };
    return [{ name: `${word} ${index}` as const, ...where, ...known.timing() }];
  });
}

/** Two sockets of ours send to each other's mapping, so that both filters expect the other (RFC 5780 §4.5). */
function hairpinQuestions(known: Knowledge): readonly Probe<Question>[] {
  const inward = known.primary === undefined ? undefined : known.prober.mapped(`map ${known.primary}`);
  const outward = known.prober.mapped('hairpin mapping');
  if (!inward || !outward) return [];
  const timing = known.timing();
  return [
    { name: 'hairpin in', socket: HAIRPIN_SOCKET, remote: inward, ...timing },
    { name: 'hairpin out', socket: MAPPING_SOCKET, remote: outward, ...timing },
  ];
}

/**
 * Whoever was not heard by the filter's socket is asked to answer to a socket that has sent to him: so a filter is told
 * from a server that cannot. Behind a mapping that varies, CHANGE-REQUEST has no such socket.
 */
function controlQuestions(known: Knowledge): readonly Probe<Question>[] {
  const isSilent = ({ name }: Probe<Question>) => {
    const answer = known.prober.answer(name.replace('control', 'filter') as Question); // Same place, other word.
    return answer !== undefined && answer.type !== 'answered';
  };
  if (!known.other) {
    const targetOf = (index: number) => known.prober.mapped(`map ${index}`);
    return viaQuestions(known, 'control', targetOf).filter(isSilent);
  }
  if (known.mapping.isStable !== true) return [];
  return changeQuestions(known, 'control', MAPPING_SOCKET).filter(isSilent);
}

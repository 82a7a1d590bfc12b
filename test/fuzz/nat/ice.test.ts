// What two ICE agents take from the network: each other's checks and answers, changed at random.
import { expect } from 'vitest';
import type { Random } from '../../../core/index.ts';
import { formatCandidate, IceLite, parseCandidate } from '../../../nat/index.ts';
import { introduce, openParties, type Party, play } from '../../unit/nat/ice/agents.ts';
import { checkOf, LOCAL, REMOTE } from '../../unit/nat/ice/checks.ts';
import { candidateOf } from '../../unit/nat/ice/samples.ts';
import { type Fed, type FuzzTarget, fuzz } from '../support/fuzz.ts';

const SOURCE = { address: '198.51.100.12', port: 5000 };

/** An agent in a session that goes on beside the noise; true datagrams of the peer are changed, too. */
class FedAgent implements Fed {
  readonly #parties = openParties();
  #now = 0;

  constructor() {
    introduce(this.#parties);
    play(this.#parties, 0, 1_000);
    this.#now = 1_000;
  }

  feed(input: Uint8Array, random: Random): void {
    const [party] = this.#parties;
    this.#now += random.uint32() % 100;
    const source = random.uint32() % 2 === 0 ? SOURCE : { ...SOURCE, port: 1 + (random.uint32() % 65_535) };
    const before = party.agent.takeDatagrams().length;
    party.agent.handleDatagram(this.#now, input, { base: 1, remote: source });
    this.#checkReflection(party, input, before);
    party.agent.handleTimeout(this.#now);
    play(this.#parties, this.#now, this.#now);
    party.agent.takeEvents();
    this.#parties[1].agent.takeEvents();
    expect(party.agent.tables.pairs).toBeLessThanOrEqual(200);
    expect(party.agent.tables.checks).toBeLessThanOrEqual(2_000);
    expect(party.agent.tables.triggered).toBeLessThanOrEqual(200);
  }

  /** The session lives on: noise is not the peer's word. */
  close(): void {
    play(this.#parties, this.#now, this.#now + 10_000);
    expect(this.#parties[0].agent.state).toBe('connected');
  }

  #checkReflection(party: Party, input: Uint8Array, before: number): void {
    if (before > 0 || party.agent.counters.checksReceived > 3) return;
    for (const { bytes } of party.agent.takeDatagrams())
      expect(bytes.length).toBeLessThanOrEqual(input.length);
  }
}

function feedLite(input: Uint8Array, random: Random, lite: IceLite): void {
  const { response, verdict } = lite.handleCheck(0, input, { ...SOURCE, port: 1 + (random.uint32() % 9) });
  if (response) expect(response.length).toBeLessThanOrEqual(input.length + 12);
  if (verdict === 'refused') return;
  expect(response).toBeDefined();
}

function feedText(input: Uint8Array): void {
  const candidate = parseCandidate(Buffer.from(input).toString('latin1'));
  if (!candidate || !('foundation' in candidate)) return;
  expect(parseCandidate(formatCandidate(candidate))).toEqual(candidate);
}

/** True checks for the agent that {@link FedAgent} opens, and answers that it never asked for. */
function wireSamples(): Uint8Array[] {
  const [a, b] = openParties();
  introduce([a, b]);
  const checks = [a, b].flatMap(({ agent }) => agent.takeDatagrams().map(({ bytes }) => bytes));
  for (const bytes of checks) a.agent.handleDatagram(0, bytes, { base: 1, remote: b.endpoint });
  return [...checks, ...a.agent.takeDatagrams().map(({ bytes }) => bytes)];
}

const TARGETS: readonly FuzzTarget[] = [
  { name: 'an ICE agent', corpus: [...wireSamples(), checkOf()], open: () => new FedAgent() },
  {
    name: 'a lite ICE agent',
    corpus: [checkOf(), checkOf({ isNominating: true }), checkOf({ role: 'controlled' })],
    open: () => {
      const lite = new IceLite({ credentials: LOCAL, remoteUfrag: REMOTE.ufrag });
      return { feed: (input, random) => feedLite(input, random, lite) };
    },
  },
  {
    name: 'candidates as text',
    corpus: (['host', 'serverReflexive', 'relayed'] as const).map((type) =>
      Buffer.from(formatCandidate(candidateOf(type, 7, { related: SOURCE }))),
    ),
    fragments: [' ', 'typ ', 'raddr ', 'rport ', 'UDP', 'TCP', '::1', 'host', '99999999999', '.local'],
    open: () => ({ feed: feedText }),
  },
];

fuzz(TARGETS);

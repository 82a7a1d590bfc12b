// Two agents under any order of inputs.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ELSEWHERE, introduce, openParties, type Party, play } from './agents.ts';
import { candidateOf } from './samples.ts';

type Step =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'deliver' | 'drop' | 'double' | 'misdeliver'; readonly party: number }
  | { readonly type: 'candidate'; readonly party: number; readonly port: number }
  | { readonly type: 'describe' | 'restart' | 'probe' | 'end' | 'removeBase'; readonly party: number };

const party = fc.nat(1);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(6_000) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'deliver' as const,
        'deliver' as const,
        'drop' as const,
        'double' as const,
        'misdeliver' as const,
      ),
      party,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('candidate' as const), party, port: fc.nat(70_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'describe' as const,
        'restart' as const,
        'probe' as const,
        'end' as const,
        'removeBase' as const,
      ),
      party,
    }),
  },
);

function take(parties: readonly [Party, Party], now: number, step: Step): number {
  if (step.type === 'wait') {
    for (const { agent } of parties) agent.handleTimeout(now + step.ms);
    return now + step.ms;
  }
  const [own, other] = step.party === 0 ? parties : [parties[1], parties[0]];
  const { agent } = own;
  if (step.type === 'candidate') {
    agent.addRemoteCandidate(
      now,
      candidateOf('host', 77, { endpoint: { address: '192.0.2.7', port: step.port } }),
    );
  } else if (step.type === 'describe') agent.setRemote(now, other.description);
  else if (step.type === 'restart') agent.restart(now);
  else if (step.type === 'probe') agent.probe(now);
  else if (step.type === 'end') agent.endOfRemoteCandidates(now);
  else if (step.type === 'removeBase') agent.removeBase(now, 1);
  else {
    const source = step.type === 'misdeliver' ? { ...ELSEWHERE, port: 1 + (now % 60_000) } : other.endpoint;
    for (const datagram of step.type === 'drop' ? [] : other.agent.takeDatagrams()) {
      own.take(now, datagram, source);
      if (step.type === 'double') own.take(now, datagram, source);
    }
  }
  return now;
}

test('any order of inputs: nothing is thrown, and nothing grows', () => {
  const steps = fc.array(STEP, { maxLength: 120 });
  fc.assert(
    fc.property(steps, (sequence) => {
      const parties = openParties();
      introduce(parties);
      let now = 0;
      for (const step of sequence) {
        now = take(parties, now, step);
        for (const { agent } of parties) {
          expect(agent.tables.pairs).toBeLessThanOrEqual(200);
          expect(agent.tables.checks).toBeLessThanOrEqual(2_000);
          expect(agent.tables.triggered).toBeLessThanOrEqual(200);
          agent.takeEvents();
        }
      }
    }),
    { numRuns: 60, seed: 8445 },
  );
});

test('what any order of inputs broke, a restart mends', () => {
  const steps = fc.array(
    STEP.filter(({ type }) => type !== 'removeBase'),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (sequence) => {
      const parties = openParties();
      introduce(parties);
      let now = 0;
      for (const step of sequence) now = take(parties, now, step);
      // Past the time in which a budget may be spent.
      now += 60_000;
      for (const { agent } of parties) agent.handleTimeout(now);
      for (const { agent } of parties) agent.takeDatagrams();
      for (const { agent } of parties) agent.restart(now);
      introduce(parties, now);
      play(parties, now, now + 10_000);
      expect(parties.map(({ agent }) => agent.state)).toEqual(['connected', 'connected']);
      expect(new Set(parties.map(({ agent }) => agent.role)).size).toBe(2);
    }),
    { numRuns: 60, seed: 8445 },
  );
});

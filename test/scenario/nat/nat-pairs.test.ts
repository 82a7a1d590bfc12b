// All 81 pairs of NATs by RFC 4787: who gets through directly, who through a relay, and how fast.
import { describe, expect, test } from 'vitest';
import { createWorld, NAT_BEHAVIOURS, randomLoss, type World } from '../../support/index.ts';
import { addStunServer, IceHost } from './ice-stage.ts';
import { isDirect, type NatKind } from './reachability.ts';

const KINDS: readonly NatKind[] = NAT_BEHAVIOURS.flatMap((mapping) =>
  NAT_BEHAVIOURS.map((filtering) => ({ mapping, filtering })),
);

/** One way. */
const DELAY_MS = 20;
const LIMIT_MS = 20_000;

interface Match {
  readonly kinds: readonly [NatKind, NatKind];
  readonly alice: IceHost;
  readonly bob: IceHost;
}

async function openMatches(world: World): Promise<Match[]> {
  const matches: Match[] = [];
  for (const [i, a] of KINDS.entries()) {
    for (const [j, b] of KINDS.entries()) {
      const open = (
        kind: NatKind,
        name: string,
        externalAddress: string,
        role: 'controlling' | 'controlled',
      ) => {
        const nat = world.nat(`nat of ${name}`, { ...kind, externalAddress });
        return world.complete(
          IceHost.open(world.host(name, { addresses: [`10.${i}.${j}.2`], behind: nat }), role),
        );
      };
      const alice = await open(a, `alice ${i}${j}`, `203.0.113.${9 * i + j}`, 'controlling');
      const bob = await open(b, `bob ${i}${j}`, `192.0.2.${9 * i + j}`, 'controlled');
      matches.push({ kinds: [a, b], alice, bob });
    }
  }
  return matches;
}

describe('81 pairs of NATs', () => {
  test.each([{ lossRatio: 0 }, { lossRatio: 0.1 }])(
    'without TURN, $lossRatio lost',
    async ({ lossRatio }) => {
      const world = createWorld({ seed: 1, link: { delayMs: DELAY_MS, loss: randomLoss(lossRatio) } });
      await addStunServer(world);
      const matches = await openMatches(world);
      const all = matches.flatMap(({ alice, bob }) => [alice, bob]);
      for (const host of all) host.gather();
      await world.runUntil(() => all.every(({ isGathered }) => isGathered));
      for (const { alice, bob } of matches) {
        alice.describeTo(bob);
        bob.describeTo(alice);
      }
      const startedAt = world.now();
      await world.run(LIMIT_MS);
      const wrong = matches.filter(({ kinds: [a, b], alice, bob }) => {
        return (alice.kind !== 'none') !== isDirect(a, b) || (bob.kind !== 'none') !== isDirect(a, b);
      });
      const times = all.flatMap(({ events }) => {
        const selected = events.find(({ event }) => event.type === 'selected');
        return selected ? [selected.at - startedAt] : [];
      });
      times.sort((a, b) => a - b);
      console.log(lossRatio, 'median', times[times.length >> 1], 'worst', times.at(-1));
      console.log(Math.max(...all.map((h) => h.agent.counters.checksSent + h.agent.counters.checksResent)));
      expect(
        wrong.map(({ kinds: [a, b], alice, bob }) =>
          [a.mapping, a.filtering, b.mapping, b.filtering, alice.kind, bob.kind, isDirect(a, b)].join(' '),
        ),
      ).toEqual([]);
      for (const host of all) host.close();
    },
  );
});

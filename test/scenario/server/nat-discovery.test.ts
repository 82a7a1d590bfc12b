// "patchcord nat" against a whole server: each NAT of RFC 4787 is told as far as the server's addresses allow.
import { describe, expect } from 'vitest';
import { silentLog } from '../../../core/index.ts';
import { InlineMediaEngine, loadCodecs } from '../../../media/index.ts';
import {
  type BehaviourReport,
  type DiscoverBehaviourOptions,
  discoverBehaviour,
} from '../../../nat/index.ts';
import { createServer, MemoryStore, type PatchcordServer } from '../../../server/index.ts';
import { expectEmpty, NAT_BEHAVIOURS, type NatOptions, scenario, type World } from '../../support/index.ts';

const [ONE, TWO] = ['198.51.100.1', '198.51.100.2'] as const;
const STUN = { address: ONE, port: 3478 };
const SIP = { address: ONE, port: 5060 };
const HOUR_MS = 3_600_000;
const KINDS = NAT_BEHAVIOURS.flatMap((mapping) =>
  NAT_BEHAVIOURS.map((filtering) => ({ mapping, filtering })),
);

interface Stage {
  readonly server: PatchcordServer;
  ask(options?: Partial<DiscoverBehaviourOptions>): Promise<BehaviourReport>;
  end(): Promise<void>;
}

/** A server that listens everywhere, and somebody behind a NAT. */
async function open(world: World, addresses: readonly string[], nat: Partial<NatOptions>): Promise<Stage> {
  const host = world.host('server', { addresses });
  await loadCodecs({ log: silentLog });
  const server = await world.complete(
    createServer({
      runtime: host,
      store: new MemoryStore(),
      openMedia: (runtime, { ports, inactivityMs }) =>
        new InlineMediaEngine(runtime, { ports, inactivityMs }),
      realm: 'pbx.example',
    }),
  );
  const behind = world.nat('nat', { externalAddress: '203.0.113.9', ...nat });
  const phone = world.host('phone', { addresses: ['192.168.1.2'], behind });
  world.link('phone', 'server', { delayMs: 20 });
  return {
    server,
    ask: (options) =>
      world.complete(discoverBehaviour(phone, { servers: [STUN], ...options }), { limitMs: HOUR_MS }),
    end: async () => {
      await world.complete(server.close());
      expectEmpty(world.tables());
    },
  };
}

describe('a server with two addresses', () => {
  for (const kind of KINDS) {
    for (const hairpinning of [true, false]) {
      const name = `${kind.mapping} mapping, ${kind.filtering} filtering, hairpinning: ${hairpinning}`;
      scenario(`tells ${name}`, { seed: 5780 }, async (world) => {
        const { ask, end } = await open(world, [ONE, TWO], { ...kind, hairpinning });
        const report = await ask();
        expect(report).toMatchObject({ isBehindNat: true, ...kind, portPreservation: false });
        // Who is seen elsewhere by himself than by the server cannot know where to send: nothing heard says nothing.
        if (kind.mapping === 'endpoint-independent') expect(report.hairpinning).toBe(hairpinning);
        else if (!hairpinning) expect(report.hairpinning).toBeNull();
        await end();
      });
    }
  }
});

describe('a server with one address', () => {
  for (const kind of KINDS) {
    scenario(`tells ${kind.mapping} mapping and ${kind.filtering} filtering by port`, {}, async (world) => {
      const { ask, end } = await open(world, [ONE], kind);
      const report = await ask();
      const isByPort = (behaviour: string) => behaviour === 'address-and-port-dependent';
      expect(report).toMatchObject({
        isBehindNat: true,
        mapping: isByPort(kind.mapping) ? kind.mapping : null,
        isMappingStable: !isByPort(kind.mapping),
        filtering: isByPort(kind.filtering) ? kind.filtering : null,
        isFilteredByPort: isByPort(kind.filtering),
      });
      expect(report.doubts.mapping).toBe(isByPort(kind.mapping) ? undefined : 'one-address');
      expect(report.doubts.filtering).toBe(isByPort(kind.filtering) ? undefined : 'one-address');
      await end();
    });
  }
});

describe('the lifetime of a mapping', () => {
  for (const [name, server] of [
    ['STUN', STUN],
    ['SIP', SIP],
  ] as const) {
    scenario(`is found at the port of ${name}, with one address`, {}, async (world) => {
      const nat = { mappingLifetimeMs: 60_000, filtering: 'address-and-port-dependent' } as const;
      const { ask, end } = await open(world, [ONE], nat);
      const { lifetime } = await ask({ servers: [server], withLifetime: true });
      expect(lifetime?.aliveMs).toBeLessThanOrEqual(60_000);
      expect(lifetime?.aliveMs).toBeGreaterThan(50_000);
      expect(lifetime?.goneMs).toBeGreaterThanOrEqual(60_000);
      await end();
    });
  }
});

scenario('what goes elsewhere is counted, and nothing is kept', {}, async (world) => {
  const { server, ask, end } = await open(world, [ONE, TWO], {});
  expect(server.turnAlternates).toEqual([{ addresses: [ONE, TWO], ports: [3478, 3479] }]);
  await ask({ withLifetime: true, maxAgeMs: 10_000 });
  const counters = await world.complete(server.turnCounters());
  expect(counters?.redirected).toBeGreaterThan(2);
  expect(counters).toMatchObject({ allocations: 0, faults: 0, dropped: {} });
  await end();
});

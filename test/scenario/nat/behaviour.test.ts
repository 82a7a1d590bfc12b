// A client finds out what NAT it is behind (RFC 5780), for every behaviour that RFC 4787 names.
import { describe, expect } from 'vitest';
import { NAT_BEHAVIOURS, type NatBehaviour, randomLoss, scenario } from '../../support/index.ts';
import { ADDRESSES, discover, openStage, PORTS, PRIMARY } from './stun-stage.ts';

const ALL = NAT_BEHAVIOURS.flatMap((mapping) => NAT_BEHAVIOURS.map((filtering) => ({ mapping, filtering })));
const OPEN = { mapping: 'endpoint-independent', filtering: 'endpoint-independent' } as const;
const OTHER_PORT = { address: ADDRESSES[0], port: PORTS[1] };
const OTHER_ADDRESS = { address: ADDRESSES[1], port: PORTS[0] };

describe('a server with two addresses', () => {
  for (const nat of ALL) {
    const name = `${nat.mapping} mapping, ${nat.filtering} filtering`;
    scenario(`finds ${name}`, { seed: 5780 }, async (world) => {
      const stage = await openStage(world, { nat });
      const report = await discover(stage);
      expect(report).toMatchObject({ isBehindNat: true, ...nat, portPreservation: false, roundTripMs: 40 });
      expect(report.isMappingStable).toBe(nat.mapping === 'endpoint-independent');
      expect(report.mapped?.address).toBe('203.0.113.9');
      expect(report.doubts.mapping ?? report.doubts.filtering).toBeUndefined();
      expect(world.tables()).toMatchObject({ 'client: UDP sockets': 0, 'client: timers': 0 });
    });

    scenario(`finds ${name}, where one packet in ten is lost`, { seed: 5781 }, async (world) => {
      const stage = await openStage(world, { nat });
      world.link('client', 'stun', { delayMs: 20, loss: randomLoss(0.1) });
      expect(await discover(stage)).toMatchObject({ isBehindNat: true, ...nat });
    });
  }

  scenario('finds that there is no NAT', { seed: 1 }, async (world) => {
    const report = await discover(await openStage(world, {}));
    expect(report).toMatchObject({ isBehindNat: false, isMappingStable: true, ...OPEN });
    expect(report).toMatchObject({ hairpinning: null, portPreservation: null });
    expect(report.mapped).toEqual(report.local);
    expect(report.doubts).toMatchObject({ hairpinning: 'no-nat', portPreservation: 'no-nat' });
  });

  scenario('tells a firewall without a NAT by its filtering', { seed: 1 }, async (world) => {
    const nat = { filtering: 'address-and-port-dependent', portPreservation: true } as const;
    const stage = await openStage(world, { nat: { ...nat, externalAddress: '192.168.1.2' } });
    expect(await discover(stage)).toMatchObject({ isBehindNat: false, filtering: nat.filtering });
  });

  scenario('finds preserved ports', { seed: 1 }, async (world) => {
    const report = await discover(await openStage(world, { nat: { portPreservation: true } }));
    expect(report.portPreservation).toBe(true);
    expect(report.mapped?.port).toBe(report.local?.port);
  });
});

describe('hairpinning (RFC 4787 §6)', () => {
  for (const filtering of NAT_BEHAVIOURS) {
    for (const hairpinning of [true, false]) {
      scenario(`${hairpinning}, under ${filtering} filtering`, { seed: 1 }, async (world) => {
        const report = await discover(await openStage(world, { nat: { filtering, hairpinning } }));
        expect(report.hairpinning).toBe(hairpinning);
      });
    }
  }

  scenario('is not known where the mapping varies and nothing came', { seed: 1 }, async (world) => {
    const mapping = 'address-and-port-dependent';
    const report = await discover(await openStage(world, { nat: { mapping, hairpinning: false } }));
    expect(report.hairpinning).toBeNull();
    expect(report.doubts.hairpinning).toBe('mapping-varies');
  });
});

describe('a server with one address and port', () => {
  scenario('says where we come from, and admits that it knows no more', { seed: 1 }, async (world) => {
    const report = await discover(await openStage(world, { nat: {}, server: { hasOnePort: true } }));
    expect(report).toMatchObject({
      isBehindNat: true,
      mapping: null,
      isMappingStable: null,
      filtering: null,
      isFilteredByPort: null,
    });
    expect(report.doubts).toMatchObject({ mapping: 'one-address', filtering: 'one-address' });
    expect(report.hairpinning).toBe(true);
    expect(report.portPreservation).toBe(false);
  });

  scenario('is enough where there is no NAT', { seed: 1 }, async (world) => {
    const report = await discover(await openStage(world, { server: { hasOnePort: true } }));
    expect(report).toMatchObject({ isBehindNat: false, mapping: 'endpoint-independent', filtering: null });
  });
});

/** What two ports of one address can tell: all that depends on ports. */
const BY_PORTS: readonly (readonly [NatBehaviour, NatBehaviour | null])[] = [
  ['endpoint-independent', null],
  ['address-dependent', null],
  ['address-and-port-dependent', 'address-and-port-dependent'],
];

describe('two ports of one address', () => {
  for (const [behaviour, found] of BY_PORTS) {
    for (const servers of [[PRIMARY], [PRIMARY, OTHER_PORT]] as const) {
      const name = `${behaviour}: found as ${found}, where ${servers.length} is named`;
      scenario(name, { seed: 1 }, async (world) => {
        const nat = { mapping: behaviour, filtering: behaviour };
        const stage = await openStage(world, { nat, server: {} });
        const startedAt = world.now();
        const report = await discover(stage, { servers });
        expect(report).toMatchObject({ mapping: found, filtering: found, isMappingStable: found === null });
        expect(report.isFilteredByPort).toBe(found !== null);
        // One guess that is answered ends the others: nobody waits 4.7 s for the port of TLS.
        if (behaviour === 'endpoint-independent') expect(world.now() - startedAt).toBeLessThan(4000);
      });
    }
  }
});

/** What two addresses that know nothing of each other can tell. */
const BY_ADDRESSES: readonly (readonly [NatBehaviour, NatBehaviour | null])[] = [
  ['endpoint-independent', 'endpoint-independent'],
  ['address-dependent', null],
  ['address-and-port-dependent', null],
];

describe('two servers with an address each', () => {
  for (const [behaviour, found] of BY_ADDRESSES) {
    scenario(`${behaviour}: found as ${found}`, { seed: 1 }, async (world) => {
      const nat = { mapping: behaviour, filtering: behaviour };
      const stage = await openStage(world, { nat, server: { hasOnePort: true } });
      const report = await discover(stage, { servers: [PRIMARY, OTHER_ADDRESS] });
      expect(report).toMatchObject({ mapping: found, filtering: found, isMappingStable: found !== null });
      if (found === null) expect(report.doubts).toMatchObject({ mapping: 'one-port', filtering: 'one-port' });
      expect(report.servers).toEqual([PRIMARY, OTHER_ADDRESS]);
    });
  }
});

describe('servers that do not do as they say', () => {
  scenario('nobody answers: nothing is known', { seed: 1 }, async (world) => {
    const report = await discover(await openStage(world, { nat: {}, server: null }));
    expect(report).toMatchObject({ mapped: null, isBehindNat: null, mapping: null, filtering: null });
    expect(report.servers).toEqual([]);
    expect(report.doubts).toMatchObject({ mapping: 'no-answer', filtering: 'no-answer' });
  });

  scenario('the first does not answer: the second is asked', { seed: 1 }, async (world) => {
    const nowhere = { address: '198.51.100.99', port: 3478 };
    const startedAt = world.now();
    const report = await discover(await openStage(world, { nat: {}, server: {} }), {
      servers: [nowhere, PRIMARY],
    });
    expect(report.servers).toEqual([PRIMARY]);
    expect(report.isBehindNat).toBe(true);
    // The one that is silent is not waited for as if nothing were known of the way: twice 4.7 s, not 9.5 s and 4.7 s.
    expect(world.now() - startedAt).toBeLessThan(10_000);
  });

  scenario(
    'the other address is none: a silent server is not taken for a filter',
    { seed: 1 },
    async (world) => {
      const alternates = { addresses: [ADDRESSES[0], '198.51.100.99'], ports: PORTS } as const;
      const report = await discover(await openStage(world, { nat: {}, server: { alternates } }));
      expect(report.filtering).toBeNull();
      expect(report.doubts.filtering).toBe('server-unable');
      expect(report.mapping).toBeNull();
    },
  );
});

scenario('an aborted discovery says what it knows, and leaves nothing behind', { seed: 1 }, async (world) => {
  const stage = await openStage(world, { nat: { filtering: 'address-and-port-dependent' } });
  const abort = new AbortController();
  const asked = discover(stage, {
    signal: abort.signal,
    onProgress: ({ type }) => type === 'phase' && abortSoon(),
  });
  const abortSoon = () => stage.client.setTimer(world.now() + 100, () => abort.abort());
  const report = await asked;
  expect(report.mapped?.address).toBe('203.0.113.9');
  expect(report.filtering).toBeNull();
  expect(world.tables()).toMatchObject({ 'client: UDP sockets': 0 });
});

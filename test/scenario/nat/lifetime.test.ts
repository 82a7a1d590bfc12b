// How long a NAT keeps a mapping that nobody uses (RFC 5780 §4.6).
import { expect } from 'vitest';
import type { LifetimeEvent, MappingLifetime } from '../../../nat/index.ts';
import { NAT_BEHAVIOURS, randomLoss, scenario, type World } from '../../support/index.ts';
import { discover, openStage, type StageOptions } from './stun-stage.ts';

const HOUR_MS = 3_600_000;

async function measure(world: World, options: StageOptions, maxAgeMs?: number) {
  const stage = await openStage(world, options);
  const startedAt = world.now();
  const age = maxAgeMs === undefined ? {} : { maxAgeMs };
  const report = await discover(stage, { withLifetime: true, ...age }, HOUR_MS);
  expect(world.tables()).toMatchObject({ 'client: UDP sockets': 0, 'client: timers': 0 });
  return { ...report, tookMs: world.now() - startedAt };
}

function expectAround({ aliveMs, goneMs }: MappingLifetime, lifetimeMs: number): void {
  expect(aliveMs).toBeLessThanOrEqual(lifetimeMs);
  expect(goneMs).toBeGreaterThanOrEqual(lifetimeMs);
  expect(goneMs ?? 0).toBeLessThanOrEqual(Math.max(aliveMs * 1.1, aliveMs + 2000));
}

for (const mappingLifetimeMs of [1500, 7000, 20_000, 30_000, 60_000, 120_000, 300_000, 590_000]) {
  for (const seed of [1, 2]) {
    const loss = seed === 2 ? randomLoss(0.1) : undefined;
    scenario(`${mappingLifetimeMs} ms, ${loss ? 'with' : 'without'} loss`, { seed }, async (world) => {
      const nat = { mappingLifetimeMs, filtering: 'address-and-port-dependent' } as const;
      const stage = { nat, ...(loss ? { link: { loss } } : {}) };
      const { lifetime, tookMs, doubts } = await measure(world, stage);
      expectAround(lifetime ?? { aliveMs: 0, goneMs: null }, mappingLifetimeMs);
      expect(doubts.lifetime).toBeUndefined();
      // Two rounds, each no longer than the first age at which the mapping is gone, which is at most 1.8 times its lifetime.
      expect(tookMs).toBeLessThan(2 * Math.min(1.8 * mappingLifetimeMs, 600_000) + 90_000);
    });
  }
}

for (const mapping of NAT_BEHAVIOURS) {
  scenario(`is found behind ${mapping} mapping`, { seed: 1 }, async (world) => {
    const { lifetime } = await measure(world, { nat: { mapping, mappingLifetimeMs: 45_000 } });
    expectAround(lifetime ?? { aliveMs: 0, goneMs: null }, 45_000);
  });
}

scenario('a mapping that outlives the measurement is said to', { seed: 1 }, async (world) => {
  const { lifetime } = await measure(world, { nat: { mappingLifetimeMs: HOUR_MS } }, 100_000);
  expect(lifetime).toEqual({ aliveMs: 100_000, goneMs: null });
});

scenario('a measurement may be shorter than its first step', { seed: 1 }, async (world) => {
  const { lifetime, tookMs } = await measure(world, { nat: {} }, 8_000);
  expect(lifetime).toEqual({ aliveMs: 8_000, goneMs: null });
  expect(tookMs).toBeLessThan(20_000);
});

scenario('where there is no NAT, nothing is ever gone', { seed: 1 }, async (world) => {
  const { lifetime } = await measure(world, {}, 60_000);
  expect(lifetime).toEqual({ aliveMs: 60_000, goneMs: null });
});

scenario('a server that falls silent makes it impossible, not short', { seed: 1 }, async (world) => {
  const stage = await openStage(world, { nat: {} });
  const events: string[] = [];
  const onProgress = ({ type }: { type: string }) => {
    events.push(type);
    if (type === 'done') world.link('client', 'stun', { loss: randomLoss(1) });
  };
  const report = await discover(stage, { withLifetime: true, onProgress }, HOUR_MS);
  expect(report.lifetime).toBeNull();
  expect(report.doubts.lifetime).toBe('server-unable');
  expect(events.at(-1)).toBe('impossible');
});

scenario(
  'progress tells bounds that close in, and until when a round may last',
  { seed: 1 },
  async (world) => {
    const bounds: Extract<LifetimeEvent, { type: 'bounds' }>[] = [];
    const stage = await openStage(world, { nat: { mappingLifetimeMs: 30_000 } });
    const onProgress = (event: { type: string }) => {
      // Cast: the name of an event tells which it is.
      if (event.type === 'bounds') bounds.push(event as (typeof bounds)[number]);
    };
    await discover(stage, { withLifetime: true, onProgress }, HOUR_MS);
    expect(bounds.map(({ lifetime }) => lifetime)).toEqual([
      { aliveMs: 0, goneMs: null },
      { aliveMs: 17_948, goneMs: 32_214 },
    ]);
  },
);

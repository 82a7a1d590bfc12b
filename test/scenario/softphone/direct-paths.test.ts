// Two phones behind NATs of their own, registered at one server: sound goes directly where it can, and a call outlives its path.
import { describe, expect } from 'vitest';
import type { CallReport, PhoneCall, Softphone } from '../../../softphone/index.ts';
import { MemorySink } from '../../../softphone/index.ts';
import { answeredCall } from '../../support/answered-call.ts';
import { type Nat, type NatOptions, scenario, totalLoss, type World } from '../../support/index.ts';
import { type PhoneSystem, type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { isRtp, speaking } from './phones.ts';

const EASY: Omit<NatOptions, 'externalAddress'> = { mapping: 'endpoint-independent' };
/** Nobody gets in whom nobody asked for. */
const FILTERING: Omit<NatOptions, 'externalAddress'> = {
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
};
const HARD: Omit<NatOptions, 'externalAddress'> = {
  mapping: 'address-and-port-dependent',
  filtering: 'address-and-port-dependent',
};

interface Setting {
  readonly nats?: readonly [Omit<NatOptions, 'externalAddress'>, Omit<NatOptions, 'externalAddress'>];
  readonly system?: Partial<PhoneSystemOptions>;
}

interface Talk {
  readonly system: PhoneSystem;
  readonly phones: readonly [Softphone, Softphone];
  readonly nats: readonly [Nat, Nat];
  readonly outgoing: PhoneCall;
  readonly incoming: PhoneCall;
  /** RTP that left the server so far. */
  relayed(): number;
  /** The longest time without RTP at either phone since the last time this was asked, in milliseconds. */
  longestGapMs(): number;
  /** Alice hangs up; nothing is left. */
  end(): Promise<readonly [CallReport, CallReport]>;
}

async function converse(
  world: World,
  { nats: kinds = [EASY, EASY], system: options }: Setting = {},
): Promise<Talk> {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ...options });
  const nats = [
    world.nat('home', { externalAddress: '198.51.100.10', ...kinds[0] }),
    world.nat('office', { externalAddress: '203.0.113.10', ...kinds[1] }),
  ] as const;
  const sound = (number: number) => ({
    codecs: ['pcmu' as const],
    makeSource: speaking(number),
    makeSink: async (sampleRateHz: number) => new MemorySink(sampleRateHz),
  });
  const alice = await system.softphone('alice', sound(1), { addresses: ['192.168.1.2'], behind: nats[0] });
  const bob = await system.softphone('bob', sound(2), { addresses: ['10.0.0.2'], behind: nats[1] });
  const watch = watchRtp(world);
  const { outgoing, incoming } = await answeredCall(world, alice, bob);
  await world.run(100);
  watch.longestGapMs();
  const end = async () => {
    outgoing.hangUp();
    const reports = await world.complete(Promise.all([outgoing.finished, incoming.finished]));
    await world.complete(Promise.all([alice.close(), bob.close()]));
    await system.expectQuiet();
    return reports;
  };
  return { system, phones: [alice, bob], nats, outgoing, incoming, ...watch, end };
}

/** Counts what the server relays, and measures how long a phone hears nothing. */
function watchRtp(world: World) {
  let relayed = 0;
  let longestMs = 0;
  const lastAt = new Map<string, number>();
  world.trace.tap((packet, { from, to, fate }) => {
    if (!isRtp(packet)) return;
    if (from === 'server') relayed += 1;
    if (typeof fate !== 'number' || !/^(alice|bob)/.test(to)) return;
    longestMs = Math.max(longestMs, fate - (lastAt.get(to) ?? fate));
    lastAt.set(to, fate);
  });
  return {
    relayed: () => relayed,
    longestGapMs: () => {
      const gap = longestMs;
      longestMs = 0;
      return gap;
    },
  };
}

const kinds = ({ outgoing, incoming }: Talk) => [outgoing, incoming].map((call) => call.report().path?.kind);

describe('a call between phones behind NATs', () => {
  scenario('goes directly, past the server', { link: { delayMs: 20 } }, async (world) => {
    const talk = await converse(world);
    await world.run(1900);
    expect(kinds(talk)).toEqual(['direct', 'direct']);
    const before = talk.relayed();
    await world.run(5000);
    expect(talk.relayed()).toBe(before);
    const reports = await talk.end();
    for (const { path, inbound } of reports) {
      expect(path).toMatchObject({ kind: 'direct', changes: 0 });
      expect(path?.setupMs).toBeLessThan(1000);
      expect(inbound.packets).toBeGreaterThan(330);
      // The server passes sound on as it is, so that the change of the way is no change of the stream.
      expect([inbound.lost, inbound.playout?.concealedMs]).toEqual([0, 0]);
    }
  });

  for (const { kind, turn } of [
    { kind: 'relayed', turn: {} },
    { kind: 'server', turn: 'off' },
  ] as const) {
    scenario(
      `is ${kind} where both NATs map and filter by address and port, and heard from the start`,
      { link: { delayMs: 20 } },
      async (world) => {
        const talk = await converse(world, { nats: [HARD, HARD], system: { turn } });
        await world.run(1900);
        expect(kinds(talk)).toEqual([kind, kind]);
        await world.run(3000);
        expect(talk.longestGapMs()).toBeLessThan(100);
        const reports = await talk.end();
        for (const { inbound, path } of reports) {
          expect(inbound.packets).toBeGreaterThan(230);
          expect(inbound.playout?.concealedMs).toBe(0);
          expect(path?.setupMs).toBeLessThan(2000);
        }
      },
    );
  }

  scenario('outlives a NAT that forgets its mappings', { link: { delayMs: 20 } }, async (world) => {
    const talk = await converse(world);
    await world.run(3000);
    expect(kinds(talk)).toEqual(['direct', 'direct']);
    talk.longestGapMs();
    talk.nats[0].udp.clear();
    await world.run(10_000);
    expect(talk.longestGapMs()).toBeLessThan(1000);
    await world.run(10_000);
    expect(talk.longestGapMs()).toBeLessThan(100);
    const reports = await talk.end();
    expect(reports.map(({ endedBy }) => endedBy)).toEqual(['local', 'remote']);
  });

  for (const [side, whose] of [
    [0, 'the caller’s'],
    [1, 'the callee’s'],
  ] as const) {
    scenario(
      `goes back to a direct path when ${whose} NAT forgot the one before`,
      { link: { delayMs: 20 } },
      async (world) => {
        const talk = await converse(world, { nats: [FILTERING, FILTERING] });
        await world.run(3000);
        expect(kinds(talk)).toEqual(['direct', 'direct']);
        talk.nats[side].udp.clear();
        const forgottenAt = world.now();
        const silentMs = () =>
          Math.max(...[talk.outgoing, talk.incoming].map((call) => call.report().silentTailMs ?? 0));
        await world.runUntil(() => kinds(talk).every((kind) => kind !== 'direct'));
        await world.runUntil(() => silentMs() < 100);
        expect(world.now() - forgottenAt).toBeLessThan(2500);
        // What carries the sound goes on until the direct path does.
        await world.runUntil(() => kinds(talk).every((kind) => kind === 'direct') || silentMs() >= 100);
        for (let i = 0; i < 100; i += 1) {
          await world.run(20);
          expect(silentMs()).toBeLessThan(100);
        }
        expect(kinds(talk)).toEqual(['direct', 'direct']);
        expect(world.now() - forgottenAt).toBeLessThan(5000);
        const before = talk.relayed();
        await world.run(60_000);
        expect(talk.relayed()).toBe(before);
        const reports = await talk.end();
        for (const { path, inbound } of reports) {
          expect(path?.kind).toBe('direct');
          expect(path?.changes).toBeLessThanOrEqual(3);
          expect(inbound.lost).toBeLessThan(150);
        }
      },
    );
  }

  scenario('keeps its path on hold, and goes on over it', { link: { delayMs: 20 } }, async (world) => {
    const talk = await converse(world);
    await world.run(2000);
    expect(await world.complete(talk.outgoing.hold())).toBe(true);
    await world.run(40_000);
    expect(kinds(talk)).toEqual(['direct', 'direct']);
    expect(await world.complete(talk.outgoing.resume())).toBe(true);
    const before = talk.relayed();
    await world.run(3000);
    expect(talk.relayed()).toBe(before);
    const reports = await talk.end();
    for (const { path, silentTailMs } of reports) {
      expect(path).toMatchObject({ kind: 'direct', changes: 0 });
      expect(silentTailMs).toBeLessThan(200);
    }
  });

  scenario(
    'is renewed by a re-INVITE when nothing came through for a while',
    { link: { delayMs: 20 } },
    async (world) => {
      const talk = await converse(world);
      await world.run(2000);
      world.link('*', '*', { loss: totalLoss });
      await world.run(14_000);
      world.link('*', '*', { delayMs: 20 });
      await world.run(14_000);
      expect([talk.outgoing.state, talk.incoming.state]).toEqual(['answered', 'answered']);
      expect(kinds(talk)).toEqual(['direct', 'direct']);
      talk.longestGapMs();
      await world.run(3000);
      expect(talk.longestGapMs()).toBeLessThan(100);
      const invites = world.trace.messages.filter(
        ({ text, from }) => from.startsWith('alice') && /^INVITE sip:bob@\S+:\d+/.test(text),
      );
      const ufrags = new Set(invites.map(({ text }) => /^a=ice-ufrag:(\S+)/m.exec(text)?.[1]));
      expect(ufrags.size).toBeGreaterThan(0);
      await talk.end();
    },
  );
});

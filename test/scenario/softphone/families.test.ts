// Softphones over IPv6, and of both families: who reaches whom, and by which.
import { describe, expect } from 'vitest';
import { silentLog } from '../../../core/index.ts';
import { loadCodecs } from '../../../media/index.ts';
import {
  createSoftphone,
  type IncomingPhoneCall,
  MemorySink,
  type PhoneCall,
  type Softphone,
} from '../../../softphone/index.ts';
import { expectEmpty, scenario, type World } from '../../support/index.ts';
import { startPhoneSystem } from '../../support/phone-system.ts';
import { speaking } from './phones.ts';

const SOUND = {
  codecs: ['pcmu' as const],
  makeSource: speaking(1),
  makeSink: async (sampleRateHz: number) => new MemorySink(sampleRateHz),
};

/** Calls, talks for three seconds and hangs up. @returns both reports */
async function talk(world: World, from: Softphone, { to, target }: { to: Softphone; target: string }) {
  const calls: IncomingPhoneCall[] = [];
  to.on('call', (call) => {
    calls.push(call);
    void call.accept();
  });
  const outgoing: PhoneCall = await world.complete(from.call(target));
  await world.runUntil(() => outgoing.state === 'answered' && calls[0]?.state === 'answered', {
    what: 'an answer',
  });
  await world.run(3000);
  outgoing.hangUp();
  const [incoming] = calls;
  if (!incoming) throw new Error('nobody was called');
  const reports = await world.complete(Promise.all([outgoing.finished, incoming.finished]));
  for (const { inbound } of reports) {
    expect(inbound.packets).toBeGreaterThan(140);
    expect([inbound.lost, inbound.playout?.concealedMs]).toEqual([0, 0]);
  }
  return reports;
}

describe('families of addresses', () => {
  scenario('two phones that have IPv6 alone call each other', { link: { delayMs: 10 } }, async (world) => {
    await loadCodecs({ log: silentLog });
    const open = (name: string, address: string) => {
      const runtime = world.host(name, { addresses: [address] });
      return world.hold(createSoftphone({ runtime, localAddress: address, localPort: 5060, ...SOUND }));
    };
    const alice = await open('alice', '2001:db8::1');
    const bob = await open('bob', '2001:db8::2');
    const reports = await talk(world, alice, { to: bob, target: 'sip:bob@[2001:db8::2]' });
    expect(reports[0].path).toMatchObject({ kind: 'direct', localType: 'host', remoteType: 'host' });
    expect(reports[0].path?.remote).toMatch(/^\[2001:db8::2\]:\d+$/);
    await world.complete(Promise.all([alice.close(), bob.close()]));
    await world.runUntilIdle();
    expectEmpty(world.tables());
  });

  scenario(
    'phones of both families behind NATs take IPv6, where there is none, though the server has IPv4 alone',
    { link: { delayMs: 10 } },
    async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
      const hard = {
        mapping: 'address-and-port-dependent',
        filtering: 'address-and-port-dependent',
      } as const;
      const homes = ['198.51.100.10', '203.0.113.10'].map((externalAddress) =>
        world.nat(`home ${externalAddress}`, { externalAddress, ...hard }),
      );
      const place = (index: number) => ({
        addresses: [`192.168.${index}.2`, `2001:db8:${index}::2`],
        ...(homes[index] ? { behind: homes[index] } : {}),
      });
      const alice = await system.softphone('alice', SOUND, place(0));
      const bob = await system.softphone('bob', SOUND, place(1));
      const [here, there] = await talk(world, alice, { to: bob, target: 'bob' });
      expect([here.path?.kind, there.path?.kind]).toEqual(['direct', 'direct']);
      expect(here.path?.remote).toMatch(/^\[2001:db8:1::2\]:\d+$/);
      await world.complete(Promise.all([alice.close(), bob.close()]));
      await system.expectQuiet();
    },
  );
});

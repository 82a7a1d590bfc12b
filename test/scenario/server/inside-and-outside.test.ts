// A server behind a NAT that turns nothing back, with phones on both sides of it, and of both families.
import { describe, expect } from 'vitest';
import { addressFamily } from '../../../core/index.ts';
import { diagnose } from '../../../server/index.ts';
import {
  type CallReport,
  MemorySink,
  type PhoneCall,
  type Softphone,
  type SoftphoneOptions,
} from '../../../softphone/index.ts';
import { type Nat, scenario, type World } from '../../support/index.ts';
import { type PhonePlace, type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress } from '../../support/test-phone.ts';
import { speaking } from '../softphone/phones.ts';

const INSIDE = '10.0.0.5';
const OUTSIDE = '203.0.113.7';
const OUTSIDE_6 = '2001:db8::5';

const MEDIA_PORTS = { first: 10_000, last: 10_099 };
const RELAY_PORTS = { first: 49_152, last: 49_251 };

/** Ports of the server are forwarded; what is sent from inside to the outside address is lost (RFC 4787 §6). */
function office(world: World): Nat {
  const nat = world.nat('office', { externalAddress: OUTSIDE, hairpinning: false });
  for (const port of [5060, 3478]) nat.forward(port, { address: INSIDE, port });
  nat.forwardRange(MEDIA_PORTS, INSIDE);
  nat.forwardRange(RELAY_PORTS, INSIDE);
  return nat;
}

interface Setting {
  readonly insideNetworks?: 'off';
  readonly users?: readonly string[];
}

async function openOffice(world: World, { insideNetworks, users = ['alice', 'bob'] }: Setting = {}) {
  const nat = office(world);
  const system = await startPhoneSystem(world, {
    users: Object.fromEntries(users.map((name) => [name, {}])),
    place: { addresses: [`${INSIDE}/24`, OUTSIDE_6], behind: nat },
    advertisedAddress: OUTSIDE,
    ...(insideNetworks ? { insideNetworks } : {}),
    ports: MEDIA_PORTS,
    turn: { relayPorts: `${RELAY_PORTS.first}-${RELAY_PORTS.last}` },
  });
  const home = world.nat('home', { externalAddress: '198.51.100.9' });
  return {
    system,
    inside: { addresses: ['10.0.0.20'], behind: nat, server: INSIDE },
    outside: { addresses: ['192.168.7.2'], behind: home, server: OUTSIDE },
    outside6: { addresses: ['2001:db8:6::2'], server: OUTSIDE_6 },
  };
}

const sound = (number: number, ice: SoftphoneOptions['ice']): SoftphoneOptions => ({
  codecs: ['pcmu'],
  makeSource: speaking(number),
  makeSink: async (sampleRateHz) => new MemorySink(sampleRateHz),
  ...(ice === undefined ? {} : { ice }),
});

/** Phones that answer every call, the latest of which is told. */
async function openPhones(
  system: PhoneSystem,
  places: Readonly<Record<string, PhonePlace>>,
  ice?: SoftphoneOptions['ice'],
) {
  const phones = new Map<string, { readonly phone: Softphone; latest: PhoneCall | undefined }>();
  for (const [name, place] of Object.entries(places)) {
    const phone = await system.softphone(name, sound(phones.size + 1, ice), place);
    const entry: { readonly phone: Softphone; latest: PhoneCall | undefined } = { phone, latest: undefined };
    phone.on('call', (call) => {
      entry.latest = call;
      void call.accept();
    });
    phones.set(name, entry);
  }
  return phones;
}

type Phones = Awaited<ReturnType<typeof openPhones>>;

interface Wish {
  readonly from: string;
  readonly to: string;
  readonly endedBy: 'caller' | 'callee';
}

/** @returns the reports of the caller and the callee */
async function talk(world: World, phones: Phones, { from, to, endedBy }: Wish) {
  const [caller, callee] = [phones.get(from), phones.get(to)];
  if (!caller || !callee) throw new Error('no such phone');
  callee.latest = undefined;
  const outgoing = await world.complete(caller.phone.call(to));
  const isAnswered = () => outgoing.state === 'answered' && callee.latest?.state === 'answered';
  await world.runUntil(isAnswered, { what: 'an answer' });
  await world.run(1200);
  // TypeScript does not see that the listener set it.
  const incoming = callee.latest as PhoneCall | undefined;
  if (!incoming) throw new Error('nobody was called');
  (endedBy === 'caller' ? outgoing : incoming).hangUp();
  // Who does not hear that the other one has hung up speaks on for longer.
  return await world.complete(Promise.all([outgoing.finished, incoming.finished]), { limitMs: 1000 });
}

function expectHeard(reports: readonly CallReport[]): void {
  for (const { inbound } of reports) expect(inbound.packets).toBeGreaterThan(45);
}

/** Which addresses of ours the parties of the last call were told, the caller's first. */
async function toldIn(system: PhoneSystem, caller: string): Promise<readonly (string | undefined)[]> {
  const record = await system.recordOf(caller);
  return record?.quality.map(({ party }) => party?.told.address) ?? [];
}

/** Bob, outside, calls Alice, inside. Neither sends sound anywhere but where SDP says. */
async function plainCall(world: World, setting: Setting = {}) {
  const { system, inside, outside } = await openOffice(world, setting);
  const alice = await system.phoneAt('alice', inside);
  const bob = await system.phoneAt('bob', outside);
  const { call, log } = await system.connect(bob, alice);
  const told = {
    alice: mediaAddress(alice.incoming[0]?.offerSdp),
    bob: mediaAddress(log.accepted[0]?.sdp),
  };
  return { system, alice, bob, call, told };
}

async function close(world: World, system: PhoneSystem, phones: Phones): Promise<void> {
  await world.complete(Promise.all([...phones.values()].map(({ phone }) => phone.close())));
  await system.expectQuiet();
}

describe('a phone inside and one outside of the NAT before the server', () => {
  for (const ice of ['auto', 'off'] as const) {
    for (const [from, to] of [
      ['alice', 'bob'],
      ['bob', 'alice'],
    ] as const) {
      for (const endedBy of ['caller', 'callee'] as const) {
        scenario(
          `${from} calls ${to}, ICE ${ice}, the ${endedBy} hangs up`,
          { link: { delayMs: 5 } },
          async (world) => {
            const { system, inside, outside } = await openOffice(world);
            const phones = await openPhones(system, { alice: inside, bob: outside }, ice);
            expectHeard(await talk(world, phones, { from, to, endedBy }));
            const told = { alice: INSIDE, bob: OUTSIDE };
            expect(await toldIn(system, from)).toEqual([told[from], told[to]]);
            await close(world, system, phones);
          },
        );
      }
    }
  }

  scenario('is told of TURN where it reaches it', {}, async (world) => {
    const { system, inside, outside } = await openOffice(world);
    const alice = await system.phoneAt('alice', inside);
    const bob = await system.phoneAt('bob', outside);
    expect(alice.turnServers.map(({ host }) => host)).toEqual([INSIDE, INSIDE]);
    expect(bob.turnServers.map(({ host }) => host)).toEqual([OUTSIDE, OUTSIDE]);
    await system.expectQuiet();
  });

  scenario('that sends only where SDP says is heard', { link: { delayMs: 5 } }, async (world) => {
    const { system, alice, bob, call, told } = await plainCall(world);
    await system.talk([alice, told.alice], [bob, told.bob]);
    call.end();
    await world.run(100);
    await system.expectQuiet();
  });

  scenario('is not heard where nobody counts as inside, and the doctor says so', {}, async (world) => {
    const { system, alice, bob, call, told } = await plainCall(world, { insideNetworks: 'off' });
    expect(told).toMatchObject({ alice: { address: OUTSIDE }, bob: { address: OUTSIDE } });
    for (let round = 0; round < 150; round += 1) {
      alice.speak(told.alice, 1, 1);
      bob.speak(told.bob, 2, 1);
      await world.run(20);
    }
    expect([bob.heard.length, alice.heard.length > 0]).toEqual([0, true]);
    call.end();
    const [finding] = diagnose(await system.recordOf('bob')).findings;
    expect(finding).toMatchObject({
      code: 'advertised-address-unreached',
      party: { name: 'alice' },
      mend: expect.stringContaining('--inside-networks 10.0.0.20'),
    });
    await world.run(100);
    await system.expectQuiet();
  });
});

describe('families of addresses', () => {
  scenario('each phone is told the address of its own', { link: { delayMs: 5 } }, async (world) => {
    const users = ['alice', 'bob', 'carol'];
    const { system, inside, outside, outside6 } = await openOffice(world, { users });
    const phones = await openPhones(system, { alice: inside, bob: outside, carol: outside6 });
    for (const [from, to] of [
      ['carol', 'alice'],
      ['bob', 'carol'],
    ] as const) {
      expectHeard(await talk(world, phones, { from, to, endedBy: 'callee' }));
      expect((await toldIn(system, from)).map((one) => addressFamily(one ?? ''))).toEqual(
        from === 'carol' ? [6, 4] : [4, 6],
      );
    }
    await close(world, system, phones);
  });
});

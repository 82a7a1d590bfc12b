import { describe, expect } from 'vitest';
import type { OutgoingSession } from '../../../signaling/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, type TestPhone } from '../../support/test-phone.ts';

const SOUND = ['0'];
const WITH_EVENTS = ['0', '101 telephone-event/8000'];
const RELAY_TYPE = 'application/dtmf-relay';

interface Stage {
  readonly system: PhoneSystem;
  readonly alice: TestPhone;
  readonly bob: TestPhone;
  readonly call: OutgoingSession;
  /** Where Alice sends her sound. */
  readonly server: { readonly address: string; readonly port: number };
  /** What the media engine was asked to send, as `label: digits`. */
  readonly sent: string[];
  /** Labels of the legs that now look for tones. */
  readonly listening: Set<string>;
  /** Bodies of INFO that reached Bob. */
  readonly infos: string[];
}

/** Alice and Bob in conversation, with these formats. */
async function stage(
  world: World,
  formats: { readonly alice: readonly string[]; readonly bob: readonly string[] },
): Promise<Stage> {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
  const labels = new Map<number, string>();
  const [sent, listening, infos] = [[] as string[], new Set<string>(), [] as string[]];
  const { media } = system;
  const [openLeg, setRemote] = [media.openLeg.bind(media), media.setRemote.bind(media)];
  media.openLeg = async (options) => {
    const leg = await openLeg(options);
    labels.set(leg.legId, options.label);
    return leg;
  };
  media.setRemote = (legId, remote) => {
    const label = labels.get(legId) ?? '?';
    if (remote.detectsTones) listening.add(label);
    else listening.delete(label);
    return setRemote(legId, remote);
  };
  media.sendDigits = async (legId, digits) => void sent.push(`${labels.get(legId)}: ${digits}`);
  const [alice, bob] = await system.phones('alice', 'bob');
  alice.formats = formats.alice;
  bob.formats = formats.bob;
  const { call, log } = await system.connect(alice, bob);
  const server = mediaAddress(log.accepted[0]?.sdp);
  const [incoming] = bob.incoming;
  if (!incoming) throw new Error('bob was not called');
  incoming.on('request', ({ request, respond }) => {
    infos.push(new TextDecoder().decode(request.body));
    respond(200);
  });
  return { system, alice, bob, call, server, sent, listening, infos };
}

describe('digits through the server', () => {
  scenario('INFO becomes telephone-events for a party that takes them', { seed: 1 }, async (world) => {
    const { system, call, sent, infos } = await stage(world, { alice: SOUND, bob: WITH_EVENTS });
    for (const digit of '15#') {
      const body = `Signal=${digit}\r\nDuration=160`;
      const { status } = await world.complete(call.request('INFO', { body, contentType: RELAY_TYPE }));
      expect(status).toBe(200);
    }
    expect(sent).toEqual(['bob: 1', 'bob: 5', 'bob: #']);
    expect(infos).toEqual([]);
    call.end();
    await system.expectQuiet();
  });

  scenario('INFO passes to a party that has no telephone-events', { seed: 2 }, async (world) => {
    const { system, call, sent, infos } = await stage(world, { alice: SOUND, bob: SOUND });
    const result = await world.complete(call.request('INFO', { body: '7', contentType: 'application/dtmf' }));
    await world.run(500);
    expect([result.status, ...infos]).toEqual([200, 'Signal=7\r\nDuration=250\r\n']);
    expect(sent).toEqual([]);
    call.end();
    await system.expectQuiet();
  });

  scenario('a body that makes no sense is 400, other INFO passes as it is', { seed: 3 }, async (world) => {
    const { system, call, infos } = await stage(world, { alice: SOUND, bob: WITH_EVENTS });
    const bad = await world.complete(call.request('INFO', { body: 'Signal=x', contentType: RELAY_TYPE }));
    const other = await world.complete(
      call.request('INFO', { body: '<x/>', contentType: 'application/xml' }),
    );
    expect([bad.status, other.status, ...infos]).toEqual([400, 200, '<x/>']);
    call.end();
    await system.expectQuiet();
  });

  scenario('a package is refused by 469, for it was agreed on with us (RFC 6086)', {}, async (world) => {
    const { system, call, infos } = await stage(world, { alice: SOUND, bob: SOUND });
    const headers = [['Info-Package', 'trickle-ice'] as const];
    const contentType = 'application/trickle-ice-sdpfrag';
    const result = await world.complete(call.request('INFO', { headers, body: 'a=mid:1', contentType }));
    expect([result.status, result.response?.header('Recv-Info'), infos]).toEqual([469, '', []]);
    call.end();
    await world.run(100);
    await system.expectQuiet();
  });

  scenario('telephone-events become INFO, one each and in order', { seed: 4 }, async (world) => {
    const { system, alice, call, server, infos } = await stage(world, { alice: WITH_EVENTS, bob: SOUND });
    for (const digit of [4, 4, 2]) {
      alice.press(server, digit);
      await world.run(200);
    }
    await world.run(1000);
    expect(infos.map((body) => /Signal=(.)/.exec(body)?.[1])).toEqual(['4', '4', '2']);
    call.end();
    await system.expectQuiet();
  });

  scenario('digits stay in RTP where both have telephone-events', { seed: 5 }, async (world) => {
    const { system, alice, bob, call, server, infos, sent, listening } = await stage(world, {
      alice: WITH_EVENTS,
      bob: WITH_EVENTS,
    });
    alice.press(server, 9);
    await world.run(1000);
    expect([infos, sent, [...listening]]).toEqual([[], [], []]);
    expect(bob.heard.length).toBeGreaterThan(0);
    call.end();
    await system.expectQuiet();
  });

  scenario(
    'tones are looked for where only the other party has events, until INFO comes',
    { seed: 6 },
    async (world) => {
      const { system, call, listening, sent } = await stage(world, { alice: SOUND, bob: WITH_EVENTS });
      expect([...listening]).toEqual(['alice']);
      await world.complete(call.request('INFO', { body: 'Signal=1', contentType: RELAY_TYPE }));
      expect([[...listening], sent]).toEqual([[], ['bob: 1']]);
      call.end();
      await system.expectQuiet();
    },
  );
});

// ICE at the legs of a relay: whose checks count, whom they are passed to, and where sound goes because of them.
import { describe, expect } from 'vitest';
import type { Endpoint, UdpSocket } from '../../../core/index.ts';
import type { LegIceSettings } from '../../../media/index.ts';
import { encodeRtp } from '../../../media/rtp/index.ts';
import { encodeCheck, encodeCheckSuccess, verifyCheck } from '../../../nat/ice/check-message.ts';
import { decodeStun, type IceCredentials, StunMessage } from '../../../nat/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { RELAY, relayedCall, remoteOf, type Stage, unaccounted } from './stage.ts';

const ALICE: IceCredentials = { ufrag: 'alice234', password: 'alicepasswordalicepassword' };
const BOB: IceCredentials = { ufrag: 'bobbob23', password: 'bobpasswordbobpasswordbobp' };
const SERVER: IceCredentials = { ufrag: 'server23', password: 'serverpasswordserverpasswo' };

/** A socket that keeps what came, and checks as an agent does. */
class Agent {
  readonly came: { readonly bytes: Uint8Array; readonly source: Endpoint }[] = [];
  readonly socket: UdpSocket;
  readonly #own: IceCredentials;
  #transactions = 0;

  constructor(socket: UdpSocket, own: IceCredentials) {
    this.socket = socket;
    this.#own = own;
    socket.onDatagram = (bytes, address, port) =>
      this.came.push({ bytes: bytes.slice(), source: { address, port } });
  }

  check(port: number, remote: IceCredentials, changes: { isNominating?: boolean; id?: number } = {}) {
    this.#transactions += 1;
    const { isNominating = false, id = this.#transactions } = changes;
    const bytes = encodeCheck({
      transactionId: new Uint8Array(12).fill(id),
      remote,
      localUfrag: this.#own.ufrag,
      priority: 0x6e0001ff,
      role: 'controlling',
      tieBreaker: 1n,
      isNominating,
    });
    this.socket.send(bytes, RELAY, port);
    return bytes;
  }

  /** Sends a packet of sound. */
  speak(port: number, sequenceNumber: number): void {
    const header = {
      payloadType: 0,
      marker: false,
      sequenceNumber,
      timestamp: 160 * sequenceNumber,
      ssrc: 7,
    };
    this.socket.send(encodeRtp(header, new Uint8Array(160)), RELAY, port);
  }

  get stun(): readonly StunMessage[] {
    return this.came.flatMap(({ bytes }) => {
      const message = decodeStun(bytes);
      return message instanceof StunMessage ? [message] : [];
    });
  }

  get sound(): number {
    return this.came.filter(({ bytes }) => (bytes[0] ?? 0) >= 128 && (bytes[1] ?? 0) < 72).length;
  }
}

async function agentAt(world: World, name: string, address: string, own: IceCredentials): Promise<Agent> {
  const host = world.host(name, { addresses: [address] });
  return new Agent(await host.network.bindUdp({ address, port: 6000 }), own);
}

/** Bob hears, and speaks without ICE. */
async function lite(world: World, stage: Stage): Promise<void> {
  const ice: LegIceSettings = { mode: 'lite', own: SERVER, theirs: ALICE, candidates: ['192.0.2.1'] };
  await stage.engine.setRemote(stage.legs.alice.legId, remoteOf(stage.alice.local, { ice }));
  stage.bob.talkTo(stage.legs.bob);
  await world.run(40);
}

/** Both are agents in places that SDP does not name; they know each other's credentials. */
async function passing(world: World) {
  const stage = await relayedCall(world);
  const { engine, legs } = stage;
  const [alice, bob] = [
    await agentAt(world, 'alice-agent', '198.51.100.1', ALICE),
    await agentAt(world, 'bob-agent', '198.51.100.2', BOB),
  ];
  const between = { mode: 'pass', candidates: [] } as const;
  const { rtp } = { rtp: bob.socket.local };
  await engine.setRemote(
    legs.alice.legId,
    remoteOf(stage.alice.local, { ice: { ...between, own: BOB, theirs: ALICE } }),
  );
  await engine.setRemote(legs.bob.legId, remoteOf(rtp, { ice: { ...between, own: ALICE, theirs: BOB } }));
  const end = () => {
    alice.socket.close();
    bob.socket.close();
    return stage.end();
  };
  return { ...stage, end, agents: { alice, bob } };
}

describe('a leg that is an ICE-lite agent', () => {
  scenario('sends sound to where the party nominated, and takes it from there alone', {}, async (world) => {
    const stage = await relayedCall(world);
    await lite(world, stage);
    const { legs, engine } = stage;
    const [first, second] = [
      await agentAt(world, 'wifi', '198.51.100.1', ALICE),
      await agentAt(world, 'cable', '198.51.100.2', ALICE),
    ];
    first.check(legs.alice.rtpPort, SERVER, { isNominating: true });
    await world.run(100);
    expect(first.stun).toMatchObject([{ class: 'success', mappedAddress: first.socket.local }]);
    expect(first.sound).toBeGreaterThan(3);
    // A check that nominates nothing moves nothing; one that does takes the sound along, mid-call.
    second.check(legs.alice.rtpPort, SERVER, { id: 5 });
    await world.run(100);
    expect(second.sound).toBe(0);
    second.check(legs.alice.rtpPort, SERVER, { isNominating: true, id: 9 });
    await world.run(100);
    expect(second.sound).toBeGreaterThan(3);
    first.speak(legs.alice.rtpPort, 1);
    second.speak(legs.alice.rtpPort, 2);
    await world.run(100);
    const report = await engine.report(legs.alice.legId);
    expect(report.source).toEqual(second.socket.local);
    expect(report.discarded).toEqual({ 'wrong-source': 1 });
    expect(report).toMatchObject({ forwarded: 1, facts: { ice: { mode: 'lite', verified: 3 } } });
    first.socket.close();
    second.socket.close();
    expect(unaccounted((await stage.end()).alice)).toBe(0);
  });

  scenario('drops what proves nothing, and lets nobody else latch', {}, async (world) => {
    const stage = await relayedCall(world);
    await lite(world, stage);
    const { legs } = stage;
    const stranger = await agentAt(world, 'stranger', '203.0.113.66', BOB);
    const party = await agentAt(world, 'party', '198.51.100.1', ALICE);
    const check = party.check(legs.alice.rtpPort, SERVER, { isNominating: true });
    await world.run(50);
    // Of another user, with another password, recorded and sent anew; and sound without any check.
    stranger.check(legs.alice.rtpPort, SERVER, { isNominating: true, id: 8 });
    stranger.check(legs.alice.rtpPort, { ...SERVER, password: BOB.password }, { id: 9 });
    stranger.socket.send(check, RELAY, legs.alice.rtpPort);
    for (let i = 0; i < 20; i += 1) {
      stranger.speak(legs.alice.rtpPort, i);
      await world.run(20);
    }
    expect(stranger.came).toEqual([]);
    const heard = party.sound;
    await world.run(100);
    expect(party.sound).toBeGreaterThan(heard + 3);
    stranger.socket.close();
    party.socket.close();
    const { alice } = await stage.end();
    expect(alice.discarded).toEqual({ stun: 3, 'wrong-source': 20 });
    expect(unaccounted(alice)).toBe(0);
  });

  scenario(
    'hears the first word before the first check, from addresses that SDP named',
    {},
    async (world) => {
      const stage = await relayedCall(world);
      await lite(world, stage);
      stage.alice.talkTo(stage.legs.alice, 20);
      const stranger = await agentAt(world, 'stranger', '203.0.113.66', BOB);
      stranger.speak(stage.legs.alice.rtpPort, 1);
      await world.run(500);
      expect(stage.bob.heard).toHaveLength(20);
      stranger.socket.close();
      expect((await stage.end()).alice.discarded).toEqual({ 'unproven-source': 1 });
    },
  );
});

describe('legs that pass checks on', () => {
  scenario('carry a check to the other party unchanged, and the answer back', {}, async (world) => {
    const { agents, legs, engine, end } = await passing(world);
    const check = agents.alice.check(legs.alice.rtpPort, BOB);
    await world.run(50);
    const [arrived] = agents.bob.came;
    expect(arrived).toEqual({ bytes: check, source: { address: RELAY, port: legs.bob.rtpPort } });
    const answer = answerOf(check, BOB, arrived?.source);
    agents.bob.socket.send(answer, RELAY, legs.bob.rtpPort);
    await world.run(50);
    expect(agents.alice.came).toEqual([
      { bytes: answer, source: { address: RELAY, port: legs.alice.rtpPort } },
    ]);
    // Both are proven now: sound goes there, whatever SDP said.
    agents.bob.speak(legs.bob.rtpPort, 1);
    agents.alice.speak(legs.alice.rtpPort, 1);
    await world.run(50);
    expect([agents.alice.sound, agents.bob.sound]).toEqual([1, 1]);
    expect((await engine.report(legs.alice.legId)).facts.ice).toEqual({
      mode: 'pass',
      verified: 1,
      stranded: 0,
    });
    await end();
  });

  scenario('follow a party that moves mid-call', {}, async (world) => {
    const { agents, legs, end } = await passing(world);
    agents.alice.check(legs.alice.rtpPort, BOB);
    agents.bob.check(legs.bob.rtpPort, ALICE);
    await world.run(50);
    const elsewhere = await agentAt(world, 'alice-elsewhere', '198.51.100.3', ALICE);
    elsewhere.check(legs.alice.rtpPort, BOB, { id: 77 });
    await world.run(50);
    agents.bob.speak(legs.bob.rtpPort, 1);
    await world.run(50);
    expect([agents.alice.sound, elsewhere.sound]).toEqual([0, 1]);
    elsewhere.socket.close();
    await end();
  });

  scenario('drop what neither party wrote, and answers that nobody asked for', {}, async (world) => {
    const { agents, legs, end } = await passing(world);
    const stranger = await agentAt(world, 'stranger', '203.0.113.66', ALICE);
    const check = agents.alice.check(legs.alice.rtpPort, BOB);
    await world.run(50);
    const before = [agents.alice.came.length, agents.bob.came.length];
    stranger.check(legs.alice.rtpPort, { ...BOB, password: SERVER.password });
    stranger.check(legs.alice.rtpPort, SERVER, { id: 3 });
    // Recorded, and sent from elsewhere; the right answer from the wrong place; an answer to nothing.
    stranger.socket.send(check, RELAY, legs.alice.rtpPort);
    stranger.socket.send(answerOf(check, BOB, agents.alice.socket.local), RELAY, legs.bob.rtpPort);
    const other = encodeCheck({ ...CHECK, transactionId: new Uint8Array(12).fill(200) });
    agents.bob.socket.send(answerOf(other, BOB, agents.alice.socket.local), RELAY, legs.bob.rtpPort);
    await world.run(50);
    expect([agents.alice.came.length, agents.bob.came.length]).toEqual(before);
    expect(stranger.came).toEqual([]);
    stranger.socket.close();
    const { alice, bob } = await end();
    expect([alice.discarded, bob.discarded]).toEqual([{ stun: 3 }, { stun: 2 }]);
  });

  scenario('keep a call alive by checks alone', {}, async (world) => {
    const { agents, legs, told, end } = await passing(world);
    for (let i = 1; i <= 30; i += 1) {
      agents.alice.check(legs.alice.rtpPort, BOB, { id: i });
      agents.bob.check(legs.bob.rtpPort, ALICE, { id: i });
      await world.run(5000);
    }
    expect(told.filter(({ name }) => name === 'inactive')).toEqual([]);
    await world.run(61_000);
    expect(told.filter(({ name }) => name === 'inactive')).toHaveLength(2);
    await end();
  });
});

const CHECK = {
  transactionId: new Uint8Array(12),
  remote: BOB,
  localUfrag: ALICE.ufrag,
  priority: 1,
  role: 'controlling',
  tieBreaker: 1n,
  isNominating: false,
} as const;

/** What the agent with these credentials answers. */
function answerOf(check: Uint8Array, own: IceCredentials, source: Endpoint | undefined): Uint8Array {
  const message = decodeStun(check);
  const incoming = message instanceof StunMessage ? verifyCheck(message, own) : 'not-a-check';
  if (typeof incoming === 'string' || !source) throw new Error(`no check: ${incoming}`);
  return encodeCheckSuccess(incoming, own, source);
}

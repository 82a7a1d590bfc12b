import { describe, expect } from 'vitest';
import type { IncomingSession } from '../../../../signaling/index.ts';
import {
  dropText,
  expectEmpty,
  randomLoss,
  scenario,
  totalLoss,
  type World,
} from '../../../support/index.ts';
import { type SessionLog, TestPhone, watchSession } from '../../../support/test-phone.ts';

async function pair(world: World) {
  const open = (name: string, address: string) =>
    TestPhone.open({
      host: world.host(name, { addresses: [address] }),
      name,
      password: 'secret',
      server: name === 'alice' ? '192.0.2.2' : '192.0.2.1',
      realm: 'example.org',
    });
  return { alice: await open('alice', '192.0.2.1'), bob: await open('bob', '192.0.2.2') };
}

interface Talk {
  readonly alice: TestPhone;
  readonly bob: TestPhone;
  readonly caller: ReturnType<TestPhone['call']>;
  readonly callee: IncomingSession;
  readonly callerLog: SessionLog;
  readonly calleeLog: SessionLog;
}

/** A call that rings at bob. */
async function ringing(world: World): Promise<Talk> {
  const { alice, bob } = await pair(world);
  const caller = alice.call('bob');
  const callerLog = watchSession(caller);
  await world.runUntil(() => bob.incoming.length > 0, { what: 'the call at bob' });
  const [callee] = bob.incoming;
  if (!callee) throw new Error('no call');
  return { alice, bob, caller, callee, callerLog, calleeLog: watchSession(callee) };
}

/** A call in conversation. */
async function talking(world: World): Promise<Talk> {
  const talk = await ringing(world);
  talk.callee.on('acknowledged', () => {
    acknowledged = true;
  });
  let acknowledged = false;
  talk.callee.accept({ sdp: talk.bob.sdp() });
  await world.runUntil(() => talk.callerLog.accepted.length > 0 && acknowledged, { what: 'the answer' });
  return talk;
}

/** Both are over and nothing is left behind. */
async function expectQuiet(world: World, { alice, bob, callerLog, calleeLog }: Talk): Promise<void> {
  await world.run(100_000);
  expect(callerLog.ended).toHaveLength(1);
  expect(calleeLog.ended).toHaveLength(1);
  for (const { userAgent } of [alice, bob]) {
    expectEmpty({
      sessions: userAgent.sessionCount,
      dialogs: userAgent.dialogCount,
      transactions: userAgent.endpoint.transactionCount,
      invariants: userAgent.invariantFailures,
    });
  }
  await world.complete(Promise.all([alice.close(), bob.close()]));
  expectEmpty(world.tables());
}

const LOSSES = [
  { name: 'without loss', link: { delayMs: 20 } },
  { name: 'with 30 % loss', link: { delayMs: 20, loss: randomLoss(0.3) } },
];

describe.each(LOSSES)('a call between two user agents $name', ({ link }) => {
  scenario('is hung up by the caller', { seed: 11, link }, async (world) => {
    const talk = await talking(world);
    talk.caller.end();
    await world.runUntil(() => talk.calleeLog.ended.length > 0, { what: 'the end' });
    expect(talk.calleeLog.ended[0]?.by).toBe('remote');
    expect(talk.callerLog.ended[0]?.by).toBe('local');
    await expectQuiet(world, talk);
  });

  scenario('is hung up by the callee', { seed: 12, link }, async (world) => {
    const talk = await talking(world);
    talk.callee.end();
    await world.runUntil(() => talk.callerLog.ended.length > 0, { what: 'the end' });
    expect(talk.callerLog.ended[0]?.by).toBe('remote');
    await expectQuiet(world, talk);
  });

  scenario('is hung up by both at once', { seed: 13, link }, async (world) => {
    const talk = await talking(world);
    talk.callee.end();
    talk.caller.end();
    await expectQuiet(world, talk);
  });

  scenario('is cancelled while it rings (RFC 3261 §9)', { seed: 14, link }, async (world) => {
    const talk = await ringing(world);
    talk.caller.end();
    await world.runUntil(() => talk.calleeLog.ended.length > 0, { what: 'the end' });
    expect(talk.calleeLog.ended[0]).toMatchObject({ by: 'remote', status: 487 });
    await expectQuiet(world, talk);
  });

  scenario('is answered just as it is cancelled (RFC 3261 §9.1)', { seed: 15, link }, async (world) => {
    const talk = await ringing(world);
    talk.callee.accept({ sdp: talk.bob.sdp() });
    talk.caller.end();
    await expectQuiet(world, talk);
  });

  scenario('is refused', { seed: 16, link }, async (world) => {
    const talk = await ringing(world);
    talk.callee.reject(486);
    await world.runUntil(() => talk.callerLog.ended.length > 0, { what: 'the refusal' });
    expect(talk.callerLog.ended[0]).toMatchObject({ by: 'remote', status: 486 });
    await expectQuiet(world, talk);
  });

  scenario('is held and resumed by re-INVITE (RFC 3261 §14)', { seed: 17, link }, async (world) => {
    const talk = await talking(world);
    talk.callee.on('offer', (offer) => offer.answer(talk.bob.sdp('recvonly', 2)));
    const held = await world.complete(talk.caller.offer(talk.alice.sdp('sendonly', 2)));
    expect(held.status).toBe(200);
    expect(held.sdp).toContain('a=recvonly');
    talk.caller.on('offer', (offer) => offer.answer(talk.alice.sdp('sendrecv', 3)));
    const resumed = await world.complete(talk.callee.offer(talk.bob.sdp('sendrecv', 3)));
    expect(resumed.status).toBe(200);
    talk.caller.end();
    await expectQuiet(world, talk);
  });

  scenario(
    'survives offers of both sides at once (491, RFC 3261 §14.1)',
    { seed: 18, link },
    async (world) => {
      const talk = await talking(world);
      talk.callee.on('offer', (offer) => offer.answer(talk.bob.sdp('sendrecv', 2)));
      talk.caller.on('offer', (offer) => offer.answer(talk.alice.sdp('sendrecv', 2)));
      const both = Promise.all([
        talk.caller.offer(talk.alice.sdp('sendrecv', 2)),
        talk.callee.offer(talk.bob.sdp('sendrecv', 2)),
      ]);
      const results = await world.complete(both);
      expect(results.map(({ status }) => status)).toEqual([200, 200]);
      talk.caller.end();
      await expectQuiet(world, talk);
    },
  );

  scenario('carries INFO both ways', { seed: 19, link }, async (world) => {
    const talk = await talking(world);
    const received: string[] = [];
    talk.callee.on('request', ({ request, respond }) => {
      received.push(request.bodyText);
      respond(200);
    });
    const result = await world.complete(
      talk.caller.request('INFO', { body: 'Signal=5', contentType: 'application/dtmf-relay' }),
    );
    expect(result.status).toBe(200);
    expect(received).toEqual(['Signal=5']);
    expect((await world.complete(talk.callee.request('INFO'))).status).toBe(405);
    talk.callee.end();
    await expectQuiet(world, talk);
  });

  scenario(
    'waits for PRACK where the caller requires it (RFC 3262 §3)',
    { seed: 20, link },
    async (world) => {
      const { alice, bob } = await pair(world);
      bob.onCall = (session) => {
        session.progress(183, { sdp: bob.sdp() });
        session.accept({ sdp: bob.sdp() });
      };
      const caller = alice.call('bob', { headers: [['Require', '100rel']] });
      const callerLog = watchSession(caller);
      await world.runUntil(() => callerLog.accepted.length > 0, { what: 'the answer' });
      expect(callerLog.progress.map(({ status }) => status)).toEqual([183]);
      const [callee] = bob.incoming;
      if (!callee) throw new Error('no call');
      const talk = { alice, bob, caller, callee, callerLog, calleeLog: watchSession(callee) };
      await world.run(5000);
      caller.end();
      await expectQuiet(world, talk);
    },
  );
});

describe('a call between two user agents', () => {
  scenario('ends with BYE where no ACK comes (RFC 3261 §13.3.1.4)', { seed: 21 }, async (world) => {
    const talk = await ringing(world);
    world.linkOneWay('alice', 'bob', { loss: dropText(/^ACK /) });
    talk.callee.accept({ sdp: talk.bob.sdp() });
    await world.runUntil(() => talk.calleeLog.ended.length > 0, { what: 'the end' });
    expect(talk.calleeLog.ended[0]?.by).toBe('timeout');
    await expectQuiet(world, talk);
  });

  scenario('times out where nobody is (timer B, RFC 3261 §17.1.1.2)', { seed: 22 }, async (world) => {
    const { alice, bob } = await pair(world);
    world.link('alice', 'bob', { loss: totalLoss });
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0, { what: 'the end' });
    expect(log.ended[0]).toMatchObject({ by: 'timeout', status: 408 });
    expect(alice.userAgent.sessionCount).toBe(0);
    await world.complete(Promise.all([alice.close(), bob.close()]));
  });
});

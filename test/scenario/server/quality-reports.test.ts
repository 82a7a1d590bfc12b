// Phones tell the server how good a call was (RFC 6035), and nobody tells it of the calls of others.
import { describe, expect } from 'vitest';
import { ToneSource } from '../../../media/index.ts';
import type { CallRecord, PhoneReport } from '../../../server/index.ts';
import type { RequestOptions } from '../../../signaling/index.ts';
import type { Softphone } from '../../../softphone/index.ts';
import { randomLoss, scenario, type World } from '../../support/index.ts';
import { type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import type { TestPhone } from '../../support/test-phone.ts';

const SOUND = { codecs: ['pcmu'], makeSource: () => new ToneSource(440) } as const;

/** A call of so long between softphones, hung up by the caller. @returns the SIP Call-IDs of both */
async function softphoneCall(
  world: World,
  phones: { readonly from: Softphone; readonly to: Softphone },
  durationMs = 4000,
): Promise<readonly [caller: string, callee: string]> {
  let answered = '';
  phones.to.once('call', (call) => {
    answered = call.callId;
    void call.accept();
  });
  const call = await world.complete(phones.from.call('bob'));
  await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
  await world.run(durationMs);
  call.hangUp();
  await world.complete(call.finished);
  return [call.callId, answered];
}

async function recordWithReports(world: World, system: PhoneSystem, count: number): Promise<CallRecord> {
  const find = () => system.records().find(({ phoneReports }) => phoneReports.length >= count);
  await world.runUntil(() => find() !== undefined, { what: `${count} reports` });
  const record = find();
  if (!record) throw new Error('the record is gone');
  return record;
}

const publish = (world: World, phone: TestPhone, options: Partial<RequestOptions> = {}) =>
  world.complete(
    phone.userAgent.request('PUBLISH', {
      target: phone.uri(phone.name),
      from: phone.aor,
      headers: [['Event', 'vq-rtcpxr']],
      contentType: 'application/vq-rtcpxr',
      ...options,
    }),
  );

const reportOn = (callId: string) =>
  `VQSessionReport: CallTerm\r\nCallID: ${callId}\r\nLocalMetrics:\r\nPacketLoss: NLR=1.5 JDR=0.0\r\n`;

describe('quality reports of phones', () => {
  scenario(
    'both phones report, and the record has it',
    { seed: 61, link: { delayMs: 20 } },
    async (world) => {
      const system = await startPhoneSystem(world, {
        users: { alice: {}, bob: {} },
        // The record has what the server heard beside what the phones say.
        media: { direct: 'off' },
      });
      const told: { uniqueid: string; report: PhoneReport }[] = [];
      system.server.on('phoneReport', (event) => told.push(event));
      const alice = await system.softphone('alice', SOUND);
      const bob = await system.softphone('bob', SOUND);
      world.linkOneWay('server', 'bob-11', { delayMs: 20, loss: randomLoss(0.05) });
      const callIds = await softphoneCall(world, { from: alice, to: bob });
      const record = await recordWithReports(world, system, 2);
      expect(record.callIds).toEqual(callIds);
      expect(system.server.record(callIds[1].slice(0, 12))?.uniqueid).toBe(record.uniqueid);
      expect(record.quality.map(({ label }) => label)).toEqual(['alice', 'bob']);
      const byUser = new Map(record.phoneReports.map((report) => [report.from, report.report]));
      expect([...byUser.keys()].toSorted()).toEqual(['alice', 'bob']);
      expect(byUser.get('alice')).toMatchObject({
        kind: 'session',
        isFinal: true,
        callId: callIds[0],
        local: { codec: 'PCMU', sampleRateHz: 8000, lossRatio: 0 },
      });
      const heardByBob = byUser.get('bob')?.local;
      expect(heardByBob?.lossRatio).toBeGreaterThan(0.01);
      expect(heardByBob?.lossRatio).toBeLessThan(0.12);
      expect(heardByBob?.mosLq).toBeLessThan(byUser.get('alice')?.local?.mosLq ?? 0);
      expect(told.map(({ uniqueid }) => uniqueid)).toEqual([record.uniqueid, record.uniqueid]);
      await world.complete(Promise.all([alice.close(), bob.close()]));
      await system.expectQuiet();
    },
  );

  scenario('a phone that is told not to reports nothing', { seed: 62 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const alice = await system.softphone('alice', { ...SOUND, reportsQuality: false });
    const bob = await system.softphone('bob', SOUND);
    await softphoneCall(world, { from: alice, to: bob }, 1000);
    await world.run(5000);
    expect(system.records()[0]?.phoneReports.map(({ from }) => from)).toEqual(['bob']);
    await world.complete(Promise.all([alice.close(), bob.close()]));
    await system.expectQuiet();
  });

  scenario(
    'only a party of the call is heard, while it lives and a minute longer',
    { seed: 63 },
    async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {}, bob: {}, mallory: {} } });
      const [alice, bob, mallory] = await system.phones('alice', 'bob', 'mallory');
      const { call } = await system.connect(alice, bob);
      const [incoming] = bob.incoming;
      const status = async (phone: TestPhone, callId: string) =>
        (await publish(world, phone, { body: reportOn(callId) })).status;
      expect(await status(mallory, call.callId)).toBe(403);
      expect(await status(mallory, incoming?.callId ?? '')).toBe(403);
      // Each party has a dialog of its own.
      expect(await status(bob, call.callId)).toBe(403);
      expect(await status(bob, incoming?.callId ?? '')).toBe(200);
      call.end();
      await world.run(50_000);
      expect(await status(alice, call.callId)).toBe(200);
      await world.run(20_000);
      expect(await status(alice, call.callId)).toBe(403);
      const record = system.records().find(({ src }) => src === 'alice');
      expect(record?.phoneReports.map(({ from }) => from)).toEqual(['bob', 'alice']);
      await system.expectQuiet();
    },
  );

  scenario('a PUBLISH is answered as RFC 3903 §6 has it', { seed: 64 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    const { call } = await system.connect(alice, bob);
    const body = reportOn(call.callId);
    const good = await publish(world, alice, {
      body,
      headers: [
        ['Event', 'VQ-RTCPXR;id=1'],
        ['Expires', '60'],
      ],
    });
    expect([good.status, good.response?.header('Expires')]).toEqual([200, '60']);
    expect(good.response?.header('SIP-ETag')).toMatch(/^\w{16}$/);
    const [presence, none] = [
      await publish(world, alice, { body, headers: [['Event', 'presence']] }),
      await publish(world, alice, { body, headers: [] }),
    ];
    expect([presence.status, presence.response?.header('Allow-Events')]).toEqual([489, 'vq-rtcpxr']);
    expect(none.status).toBe(489);
    const again: RequestOptions['headers'] = [
      ['Event', 'vq-rtcpxr'],
      ['SIP-If-Match', 'x'],
    ];
    expect((await publish(world, alice, { body, headers: again })).status).toBe(412);
    const other = await publish(world, alice, { body, contentType: 'application/pidf+xml' });
    expect([other.status, other.response?.header('Accept')]).toEqual([415, 'application/vq-rtcpxr']);
    expect((await publish(world, alice)).status).toBe(400);
    expect((await publish(world, alice, { body: 'VQSessionReport\r\n' })).status).toBe(400);
    call.end();
    await system.expectQuiet();
  });

  scenario('phones learn by OPTIONS that they may publish', { seed: 65 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {} } });
    const [alice] = await system.phones('alice');
    const target = alice.uri('alice');
    const { response } = await world.complete(
      alice.userAgent.request('OPTIONS', { target, from: alice.aor }),
    );
    expect(response?.headerValues('Allow')).toEqual(
      expect.arrayContaining(['INVITE', 'REGISTER', 'PUBLISH']),
    );
    expect(response?.headerValues('Accept')).toEqual(['application/sdp', 'application/vq-rtcpxr']);
    expect(response?.headerValues('Allow-Events')).toEqual(['vq-rtcpxr']);
    await system.expectQuiet();
  });
});

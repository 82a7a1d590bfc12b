import { describe, expect } from 'vitest';
import { scenario, type World } from '../../support/index.ts';
import { TestPhone } from '../../support/test-phone.ts';
import { ALICE, BOB, testPhone } from './phones.ts';

const FORMATS = { pcmu: '0', g722: '9', opus: '96 opus/48000/2' } as const;

/** A phone that calls another one with this SDP, and the RTP packets that the other one sent in a second. */
async function talkTo(
  world: World,
  far: { readonly formats: readonly string[]; readonly ptimeMs?: number; readonly maxptimeMs?: number },
) {
  const { phone } = await testPhone(world, 'alice');
  const host = world.host('bob', { addresses: [BOB] });
  const bob = await world.complete(
    TestPhone.open({ host, name: 'bob', password: '', server: ALICE, realm: BOB }),
  );
  bob.formats = far.formats;
  bob.ptimeMs = far.ptimeMs;
  bob.maxptimeMs = far.maxptimeMs;
  bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
  const call = await world.complete(phone.call(`sip:bob@${BOB}`));
  await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
  await world.run(200);
  bob.heard.length = 0;
  await world.run(1200);
  const packets = bob.heard.map((bytes) => ({
    payloadType: (bytes[1] ?? 0) & 0x7f,
    timestamp: new DataView(bytes.buffer).getUint32(4),
    sizeBytes: bytes.length - 12,
  }));
  call.hangUp();
  await world.complete(Promise.all([call.finished, phone.close()]));
  await world.run(100_000);
  await world.complete(bob.close());
  return packets;
}

describe('a phone sends packets as long as its far end wishes for', () => {
  const ROWS = [
    { codec: 'pcmu', ptimeMs: 10, sentMs: 10, step: 80, sizeBytes: 80 },
    { codec: 'pcmu', ptimeMs: 30, sentMs: 30, step: 240, sizeBytes: 240 },
    { codec: 'pcmu', ptimeMs: 120, sentMs: 60, step: 480, sizeBytes: 480 },
    // RFC 3551 §4.5.2: 16,000 samples a second, and a timestamp that counts 8,000.
    { codec: 'g722', ptimeMs: 40, sentMs: 40, step: 320, sizeBytes: 320 },
    { codec: 'opus', ptimeMs: 40, sentMs: 40, step: 1920, sizeBytes: undefined },
    { codec: 'opus', ptimeMs: 30, sentMs: 20, step: 960, sizeBytes: undefined },
    { codec: 'pcmu', ptimeMs: undefined, sentMs: 20, step: 160, sizeBytes: 160 },
  ] as const;
  for (const { codec, ptimeMs, sentMs, step, sizeBytes } of ROWS) {
    scenario(`${codec}, ${ptimeMs ?? 'no'} ms: ${sentMs} ms`, { seed: 1 }, async (world) => {
      const far = { formats: [FORMATS[codec]], ...(ptimeMs === undefined ? {} : { ptimeMs }) };
      const packets = await talkTo(world, far);
      expect(packets.length).toBe(1200 / sentMs);
      const steps = packets.slice(1).map(({ timestamp }, i) => timestamp - (packets[i]?.timestamp ?? 0));
      expect(new Set(steps)).toEqual(new Set([step]));
      if (sizeBytes !== undefined)
        expect(new Set(packets.map((one) => one.sizeBytes))).toEqual(new Set([sizeBytes]));
    });
  }

  scenario('but no longer than it can take', { seed: 2 }, async (world) => {
    const packets = await talkTo(world, { formats: ['0'], ptimeMs: 60, maxptimeMs: 40 });
    expect(packets.length).toBe(1200 / 40);
  });
});

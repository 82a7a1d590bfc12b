// Rooms on real threads: numbers of legs and rooms are those of the main thread, and a room's legs share its thread.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeNetwork } from '../../../core/index.ts';
import { encodeG711, type MediaEngineEvents, muLaw, WorkerMediaEngine } from '../../../media/index.ts';
import { encodeRtp } from '../../../media/rtp/index.ts';
import { makeTone } from '../../support/tones.ts';

const isBuilt = existsSync(fileURLToPath(new URL('../../../dist/media/worker/main.js', import.meta.url)));
const ADDRESS = '127.0.0.1';
const PCMU = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
const TONE = encodeG711(muLaw, makeTone({ frequencyHz: 400, clockRateHz: 8000, durationMs: 20 }));

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

async function startEngine(): Promise<WorkerMediaEngine> {
  const engine = await WorkerMediaEngine.start({ workers: 2, ports: { first: 29_000, last: 29_199 } });
  open.push(engine);
  return engine;
}

async function addParty(engine: WorkerMediaEngine, callKey: string) {
  const [rtp, rtcp] = [await nodeNetwork.bindUdp({ address: ADDRESS, port: 0 }), ADDRESS];
  open.push(rtp);
  const { legId, rtpPort } = await engine.openLeg({ callKey, localAddress: ADDRESS, label: callKey });
  await engine.setRemote(legId, {
    rtp: rtp.local,
    rtcp: { address: rtcp, port: rtp.local.port + 1 },
    rtcpMux: false,
    formats: [PCMU],
    direction: 'sendrecv',
    ptimeMs: 20,
  });
  let heard = 0;
  rtp.onDatagram = () => {
    heard += 1;
  };
  const say = (sequenceNumber: number) => {
    const header = {
      payloadType: 0,
      marker: false,
      sequenceNumber,
      timestamp: 160 * sequenceNumber,
      ssrc: 7,
    };
    rtp.send(encodeRtp(header, TONE), ADDRESS, rtpPort);
  };
  return { legId, say, heard: () => heard };
}

/** Keys of two calls that live on different threads. */
async function strangers(engine: WorkerMediaEngine): Promise<readonly [string, string]> {
  const { legId } = await engine.openLeg({ callKey: 'a', localAddress: ADDRESS, label: 'a' });
  for (const key of ['b', 'c', 'd', 'e']) {
    const other = await engine.openLeg({ callKey: key, localAddress: ADDRESS, label: key });
    const isApart = await engine.connect(legId, other.legId).then(
      () => false,
      () => true,
    );
    if (isApart) return ['a', key];
  }
  throw new Error('all keys are on one thread');
}

describe.skipIf(!isBuilt)('a room of a WorkerMediaEngine', () => {
  test('is told of by the numbers of the main thread', async () => {
    const engine = await startEngine();
    const [key, otherKey] = await strangers(engine);
    // Numbers here and there differ from the first on.
    await engine.openRoom({ callKey: otherKey, label: 'other' });
    const { roomId } = await engine.openRoom({ callKey: key, label: '3000', levelIntervalMs: 100 });
    const told: MediaEngineEvents['talking'][] = [];
    const levels: MediaEngineEvents['levels'][] = [];
    engine.on('talking', (event) => told.push(event));
    engine.on('levels', (event) => levels.push(event));
    const [alice, bob] = [await addParty(engine, key), await addParty(engine, key)];
    await engine.joinRoom(alice.legId, roomId);
    await engine.joinRoom(bob.legId, roomId, { isMuted: true });
    for (let sequence = 0; sequence < 40; sequence += 1) {
      alice.say(sequence);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(told[0]).toEqual({ roomId, legId: alice.legId, isTalking: true });
    expect(levels[0]?.roomId).toBe(roomId);
    expect(levels[0]?.levels.map(({ legId }) => legId)).toEqual([alice.legId]);
    expect(bob.heard()).toBeGreaterThan(20);
    const report = await engine.roomReport(roomId);
    expect(report).toMatchObject({ roomId, label: '3000' });
    expect(report.members.map(({ legId, isMuted }) => [legId, isMuted])).toEqual([
      [alice.legId, false],
      [bob.legId, true],
    ]);
    await engine.setMember(bob.legId, { isMuted: false });
    await engine.playInRoom(roomId, { tone: 'confirmation' });
    await engine.closeRoom(roomId);
    await expect(engine.roomReport(roomId)).rejects.toThrow('there is no room');
  });

  test('refuses legs of another thread, and says what to do', async () => {
    const engine = await startEngine();
    const [key, otherKey] = await strangers(engine);
    const { roomId } = await engine.openRoom({ callKey: key, label: '3000' });
    const { legId } = await addParty(engine, otherKey);
    await expect(engine.joinRoom(legId, roomId)).rejects.toThrow('the same callKey');
  });
});

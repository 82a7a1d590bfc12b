// The media engine on real threads and real sockets of loopback.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type Endpoint,
  loadSystemCalls,
  nodeNetwork,
  type ThreadSockets,
  type UdpSocket,
} from '../../../core/index.ts';
import { type MediaEngineEvents, type RemoteMedia, WorkerMediaEngine } from '../../../media/index.ts';
import { decodeRtcp } from '../../../media/rtcp/index.ts';
import { encodeRtp, rtpSequenceNumber, rtpSsrc } from '../../../media/rtp/index.ts';

const WORKER = fileURLToPath(new URL('../../../dist/media/worker/main.js', import.meta.url));
const isBuilt = existsSync(WORKER);
const missing = await loadSystemCalls().then(
  () => undefined,
  (error: Error) => error.message,
);
const ADDRESS = '127.0.0.1';
const PACKETS = 100;

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

async function bind(): Promise<UdpSocket> {
  const socket = await nodeNetwork.bindUdp({ address: ADDRESS, port: 0 });
  open.push(socket);
  return socket;
}

function remoteAt(rtp: Endpoint, rtcp: Endpoint): RemoteMedia {
  const formats = [{ payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 }];
  return { rtp, rtcp, rtcpMux: false, formats, direction: 'sendrecv', ptimeMs: 20 };
}

/** A party with its leg: it keeps what it hears. */
async function addParty(engine: WorkerMediaEngine, callKey: string) {
  const [rtp, rtcp] = [await bind(), await bind()];
  const leg = await engine.openLeg({ callKey, localAddress: ADDRESS, label: 'party' });
  await engine.setRemote(leg.legId, remoteAt(rtp.local, rtcp.local));
  const heard: Uint8Array[] = [];
  const reports: Uint8Array[] = [];
  rtp.onDatagram = (bytes) => heard.push(bytes.slice());
  rtcp.onDatagram = (bytes) => reports.push(bytes.slice());
  const send = (sequenceNumber: number) => {
    const header = {
      payloadType: 0,
      marker: false,
      sequenceNumber,
      timestamp: 160 * sequenceNumber,
      ssrc: 7,
    };
    rtp.send(encodeRtp(header, new Uint8Array(160)), ADDRESS, leg.rtpPort);
  };
  return { leg, heard, reports, send };
}

/** Of this process, as the kernel counts them. */
const descriptors = () => readdirSync('/proc/self/fd').length;

async function until(isDone: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    if (isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not come true within five seconds`);
}

function eventsOf<Name extends keyof MediaEngineEvents>(engine: WorkerMediaEngine, name: Name) {
  const events: MediaEngineEvents[Name][] = [];
  engine.on(name, (payload) => events.push(payload));
  return events;
}

const KINDS: readonly { readonly sockets: ThreadSockets; readonly without: string | undefined }[] = [
  { sockets: 'node', without: isBuilt ? undefined : 'npm run build' },
  { sockets: 'linux', without: isBuilt ? missing : 'npm run build' },
];
const rows = KINDS.map((row) => ({
  ...row,
  kind: `sockets of ${row.sockets}${row.without ? ` (skipped: ${row.without})` : ''}`,
}));

describe.each(rows)('WorkerMediaEngine with $kind', ({ sockets, without }) => {
  describe.skipIf(without !== undefined)('on loopback', () => {
    async function startEngine(
      workers: number,
      ports = { first: 28_000, last: 28_199 },
    ): Promise<WorkerMediaEngine> {
      const engine = await WorkerMediaEngine.start({ workers, ports, sockets });
      open.push(engine);
      return engine;
    }

    test.each([1, 2])('relays both ways with %i workers, and says goodbye', async (workers) => {
      const engine = await startEngine(workers);
      const learned = eventsOf(engine, 'sourceLearned');
      const [alice, bob] = [await addParty(engine, 'call'), await addParty(engine, 'call')];
      await engine.connect(alice.leg.legId, bob.leg.legId);
      for (let sequence = 0; sequence < PACKETS; sequence += 1) {
        alice.send(sequence);
        bob.send(sequence);
        if (sequence % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await until(() => alice.heard.length === PACKETS && bob.heard.length === PACKETS, 'all was heard');
      expect(bob.heard.map(rtpSequenceNumber)).toEqual(Array.from({ length: PACKETS }, (_, index) => index));
      expect(new Set(bob.heard.map(rtpSsrc))).toEqual(new Set([bob.leg.ssrc]));
      await until(() => learned.length === 2, 'both sources were learned');
      expect(learned.map(({ legId }) => legId).toSorted()).toEqual(
        [alice.leg.legId, bob.leg.legId].toSorted(),
      );
      for (const { leg } of [alice, bob]) {
        const report = await engine.closeLeg(leg.legId);
        expect(report).toMatchObject({
          legId: leg.legId,
          received: PACKETS,
          forwarded: PACKETS,
          discarded: {},
        });
      }
      await until(() => alice.reports.length > 0 && bob.reports.length > 0, 'both heard a goodbye');
      const last = decodeRtcp(alice.reports.at(-1) ?? new Uint8Array());
      expect(last).toMatchObject([
        { type: 'SR', packetCount: PACKETS },
        { type: 'SDES' },
        { type: 'XR', blocks: [{ kind: 'voipMetrics' }] },
        { type: 'BYE' },
      ]);
      await expect(engine.report(alice.leg.legId)).rejects.toMatchObject({ code: 'MEDIA_LEG_UNKNOWN' });
    });

    test('sends nothing that two threads share: ports of all workers are apart', async () => {
      const engine = await startEngine(2, { first: 28_200, last: 28_207 });
      const keys = Array.from({ length: 40 }, (_, index) => `call ${index}`);
      const ports = new Set<number>();
      let refused = 0;
      for (const callKey of keys) {
        await engine.openLeg({ callKey, localAddress: ADDRESS, label: 'x' }).then(
          ({ rtpPort }) => ports.add(rtpPort),
          (error: { code?: string }) => {
            expect(error.code).toBe('MEDIA_PORTS_EXHAUSTED');
            refused += 1;
          },
        );
      }
      expect([ports.size, refused]).toEqual([4, keys.length - 4]);
    });

    test('plays a tone in the thread, and resolves when it has been played', async () => {
      const engine = await startEngine(1);
      const alice = await addParty(engine, 'call');
      await engine.playTone(alice.leg.legId, 'confirmation');
      expect(alice.heard.length).toBeGreaterThanOrEqual(29);
      expect(alice.heard.every((bytes) => rtpSsrc(bytes) === alice.leg.ssrc)).toBe(true);
    });

    test('refuses to connect legs of two threads, which could not reach each other', async () => {
      const engine = await startEngine(2);
      const legs = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          engine.openLeg({ callKey: `call ${index}`, localAddress: ADDRESS, label: 'x' }),
        ),
      );
      const [first, ...others] = legs;
      const results = await Promise.allSettled(
        others.map(({ legId }) => engine.connect(first?.legId ?? 0, legId)),
      );
      const refused = results.filter((result) => result.status === 'rejected');
      expect(refused.length).toBeGreaterThan(0);
      for (const { reason } of refused) expect(reason).toMatchObject({ code: 'MEDIA_FAILED' });
    });

    test('tells of the legs of a thread that was killed, and goes on with the others', async () => {
      // The only way to lay hands on a thread from outside.
      const posted = vi.spyOn(Worker.prototype, 'postMessage');
      const engine = await startEngine(2);
      const failed = eventsOf(engine, 'failed');
      const alice = await addParty(engine, 'call');
      const bob = await addParty(engine, 'call');
      // Cast: what the spied method was called on.
      const thread = posted.mock.contexts[0] as Worker;
      posted.mockRestore();
      const pending = engine.playTone(alice.leg.legId, 'busy');
      const isRefused = expect(pending).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
      await thread.terminate();
      await isRefused;
      await until(() => failed.length === 1, 'the death was told');
      expect(failed[0]?.legIds.toSorted()).toEqual([alice.leg.legId, bob.leg.legId].toSorted());
      await expect(engine.report(alice.leg.legId)).rejects.toMatchObject({ code: 'MEDIA_LEG_UNKNOWN' });
      // The same key: another thread takes it.
      const [carol, dave] = [await addParty(engine, 'call'), await addParty(engine, 'call')];
      await engine.connect(carol.leg.legId, dave.leg.legId);
      carol.send(1);
      await until(() => dave.heard.length === 1, 'sound went through the other thread');
    });

    test('frees its ports when it closes', async () => {
      const engine = await startEngine(1, { first: 28_300, last: 28_301 });
      const { rtpPort } = await engine.openLeg({ callKey: 'call', localAddress: ADDRESS, label: 'x' });
      await engine.close();
      const socket = await nodeNetwork.bindUdp({ address: ADDRESS, port: rtpPort });
      open.push(socket);
      await expect(engine.openLeg({ callKey: 'k', localAddress: ADDRESS, label: 'x' })).rejects.toMatchObject(
        {
          code: 'MEDIA_FAILED',
        },
      );
    });

    test.skipIf(process.platform !== 'linux')('leaves no descriptor open when it closes', async () => {
      const before = descriptors();
      const engine = await startEngine(2);
      await addParty(engine, 'call');
      await engine.close();
      for (const resource of open.splice(0)) await resource.close();
      await until(() => descriptors() <= before, 'all were closed');
    });
  });
});

// From mouth to ear: a phone, our server in its own process, another phone, 20 ms Opus, no jitter but the machine's.
import { setTimeout as delay } from 'node:timers/promises';
import { createNodeRuntime, silentLog } from '../../core/index.ts';
import { FRAME_MS, loadCodecs } from '../../media/index.ts';
import { createSoftphone, type IncomingPhoneCall, type Softphone } from '../../softphone/index.ts';
import { Ear, findChirp, Mouth } from './mouth-to-ear-sound.ts';
import { PacketWatch } from './packet-watch.ts';
import { complain } from './report.ts';
import { startServerUnderTest } from './server-under-test.ts';

const MOST_MS = 80;
const CALLS = 5;
/** A call in which a frame or a packet came so late says more of a busy machine than of us: another is made for it. */
const STALL_MS = 20;
const MOST_TRIES = 12;
const CALL_MS = 8_000;
/** What a listener waits at the start of a call, while the buffer learns the network, is not this figure. */
const SETTLING_MS = 2_000;
const LONGEST_MS = 400;
const PASSWORD = 'bench-secret';

/** One call, all in milliseconds. */
interface CallFigures {
  readonly mouthToEar: readonly number[];
  /** Chirps that were never heard. */
  readonly missed: number;
  /** From a packet's leaving to its coming. */
  readonly network: readonly number[];
  /** What the callee's playout buffer aimed at in the end. */
  readonly bufferMs: number;
  /** How late the latest frame was read, or the slowest packet came. */
  readonly stallMs: number;
}

export async function benchMouthToEar(): Promise<boolean> {
  process.stdout.write(
    `\nMouth to ear, softphone to server to softphone, Opus, ${FRAME_MS} ms packets, no jitter\n`,
  );
  const server = await startServerUnderTest({ users: ['alice', 'bob'], password: PASSWORD });
  const calls: CallFigures[] = [];
  try {
    for (let tries = 0; tries < MOST_TRIES && calls.length < CALLS; tries += 1) {
      const call = await measureCall(server.address);
      const isCalm = call.stallMs <= STALL_MS;
      line(`call: ${spread(call.mouthToEar)}; longest stall ${call.stallMs.toFixed(1)} ms`);
      if (isCalm) calls.push(call);
      else line('  not counted: the machine stalled');
    }
  } finally {
    await server.stop();
  }
  return verdict(calls, await codecLookAheadMs());
}

async function measureCall(server: string): Promise<CallFigures> {
  const [mouth, ear] = [new Mouth(), new Ear()];
  const [alice, bob] = [new PacketWatch(), new PacketWatch()];
  const caller = await phoneOf('alice', { server, watch: alice, mouth });
  const callee = await phoneOf('bob', { server, watch: bob, ear });
  try {
    await callee.register();
    const incoming = new Promise<IncomingPhoneCall>((resolve) => {
      callee.on('call', resolve);
    });
    const outgoing = await caller.call('bob');
    const answered = await incoming;
    await answered.accept();
    await delay(CALL_MS);
    outgoing.hangUp();
    const { inbound } = await answered.finished;
    const bufferMs = inbound.playout?.targetDelayMs ?? Number.NaN;
    return figuresOf({ mouth, ear, sentAt: alice.sentAt, receivedAt: bob.receivedAt, bufferMs });
  } finally {
    await Promise.all([caller.close(), callee.close()]);
  }
}

function phoneOf(
  user: string,
  options: {
    readonly server: string;
    readonly watch: PacketWatch;
    readonly mouth?: Mouth;
    readonly ear?: Ear;
  },
): Promise<Softphone> {
  const { server, watch, mouth, ear } = options;
  return createSoftphone({
    account: { server, user, password: PASSWORD },
    localAddress: '127.0.0.1',
    codecs: ['opus'],
    runtime: { ...createNodeRuntime(), network: watch.network },
    ...(mouth ? { makeSource: () => mouth } : {}),
    ...(ear ? { makeSink: async () => ear } : {}),
  });
}

function figuresOf(call: {
  readonly mouth: Mouth;
  readonly ear: Ear;
  readonly sentAt: ReadonlyMap<number, number>;
  readonly receivedAt: ReadonlyMap<number, number>;
  readonly bufferMs: number;
}): CallFigures {
  const { mouth, ear, sentAt, receivedAt, bufferMs } = call;
  const spoken = mouth.chirpedAt;
  const from = (spoken[0] ?? 0) + SETTLING_MS;
  // The last ones may still be under way.
  const until = (spoken.at(-1) ?? 0) - LONGEST_MS;
  const counted = spoken.filter((at) => at >= from && at <= until);
  const heard = counted.flatMap((at) => {
    const heardAt = ear.heardAt(at, LONGEST_MS);
    return heardAt === undefined ? [] : [heardAt - at];
  });
  const network = [...receivedAt].flatMap(([sequenceNumber, at]) => {
    const sent = sentAt.get(sequenceNumber);
    return sent === undefined ? [] : [at - sent];
  });
  return {
    mouthToEar: heard,
    missed: counted.length - heard.length,
    network,
    bufferMs,
    stallMs: network.reduce((a, b) => Math.max(a, b), mouth.latestReadMs),
  };
}

/** By how much our encoder and decoder, without a network, put off a sound. */
async function codecLookAheadMs(): Promise<number> {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const [description] = codecs.descriptions;
  if (!description) throw new Error('Opus cannot be loaded');
  const codec = await codecs.create(description);
  const samples = (description.sampleRateHz * FRAME_MS) / 1000;
  const mouth = new Mouth();
  const heard = new Int16Array(10 * samples);
  const frame = new Int16Array(samples);
  for (let i = 0; i < 10; i += 1) {
    mouth.read(frame);
    const decoded = codec.decode(codec.encode(frame));
    if (decoded instanceof Int16Array) heard.set(decoded, i * samples);
  }
  codec.close();
  return ((findChirp(heard) ?? Number.NaN) * 1000) / description.sampleRateHz;
}

function verdict(calls: readonly CallFigures[], lookAheadMs: number): boolean {
  const all = calls.flatMap(({ mouthToEar }) => mouthToEar);
  const missed = calls.reduce((sum, call) => sum + call.missed, 0);
  const worst = quantile(all, 0.95);
  const isMet = worst <= MOST_MS && missed === 0;
  if (calls.length < CALLS) complain(`only ${calls.length} of ${CALLS} calls without a stall of the machine`);
  line(
    `all ${all.length} chirps: ${spread(all)} (p95 to reach: ${MOST_MS} ms; ${isMet ? 'reached' : 'MISSED'})`,
  );
  line(`of the p50: ${partsOf(calls, quantile(all, 0.5), lookAheadMs)}`);
  if (missed > 0) complain(`${missed} chirps were not found in what was heard`);
  return isMet;
}

/** Where the time goes: what remains of the whole is the wait for the beats, and what the buffer is off its target. */
function partsOf(calls: readonly CallFigures[], wholeMs: number, lookAheadMs: number): string {
  const parts: readonly [name: string, ms: number][] = [
    ['frame', FRAME_MS],
    ['look-ahead of the codec', lookAheadMs],
    [
      'network and relay',
      quantile(
        calls.flatMap((call) => call.network),
        0.5,
      ),
    ],
    [
      'target of the playout buffer',
      quantile(
        calls.map((call) => call.bufferMs),
        0.5,
      ),
    ],
  ];
  const restMs = parts.reduce((rest, [, ms]) => rest - ms, wholeMs);
  return [...parts, ['wait for the beat', restMs] as const]
    .map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`)
    .join(', ');
}

function spread(values: readonly number[]): string {
  const [p50, p95, most] = [0.5, 0.95, 1].map((share) => quantile(values, share).toFixed(1));
  return `p50 ${p50} ms, p95 ${p95} ms, most ${most} ms`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function line(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Runtime } from '../../../core/index.ts';
import { markOffsets } from '../../../softphone/files/prefix-hash.ts';
import {
  deliverFile,
  type FileOffer,
  type Inbox,
  type IncomingFile,
  type Mark,
  type OutgoingFile,
  receiveFile,
  type TransferOutcome,
} from '../../../softphone/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { ChannelPair } from './channel-pair.ts';

const SIZE_BYTES = 3_000_000;

/** No two kilobytes of it are alike. */
const CONTENT = new Uint8Array(
  Uint32Array.from({ length: SIZE_BYTES / 4 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer,
);

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A file in memory. */
function memoryFile(content: Uint8Array, name = 'a.bin'): OutgoingFile {
  let offset = 0;
  return {
    name,
    sizeBytes: content.length,
    modifiedMs: 0,
    check: async (marks) => {
      const found = marks.findLast((mark) => sha256Of(content.subarray(0, mark.offsetBytes)) === mark.sha256);
      offset = found?.offsetBytes ?? 0;
      return offset;
    },
    read: async (lengthBytes) => {
      const bytes = content.slice(offset, offset + lengthBytes);
      offset += bytes.length;
      return bytes;
    },
    digest: async () => sha256Of(content),
    close: async () => {},
  };
}

/** A folder in memory. What is not whole is kept apart, as on the disk. */
class MemoryInbox implements Inbox {
  readonly whole = new Map<string, Uint8Array>();
  readonly parts = new Map<string, Uint8Array>();
  fullAtBytes = Number.POSITIVE_INFINITY;
  #open: { file: IncomingFile; ended: Promise<void> } | undefined;

  async open(offer: FileOffer): Promise<IncomingFile> {
    this.#open?.file.onSuperseded?.();
    await this.#open?.ended;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const file = this.#begin(offer, end);
    this.#open = { file, ended };
    return file;
  }

  #begin(offer: FileOffer, end: () => void): IncomingFile {
    const kept = this.parts.get(offer.name) ?? new Uint8Array();
    const room = new Uint8Array(offer.sizeBytes);
    room.set(kept);
    let length = kept.length;
    const content = () => room.subarray(0, length);
    const marks: readonly Mark[] = markOffsets(kept.length).map((offsetBytes) => ({
      offsetBytes,
      sha256: sha256Of(kept.subarray(0, offsetBytes)),
    }));
    return {
      marks,
      onSuperseded: undefined,
      begin: async (offsetBytes) => {
        length = offsetBytes;
      },
      write: async (bytes) => {
        if (length + bytes.length > this.fullAtBytes) {
          throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        }
        room.set(bytes, length);
        length += bytes.length;
      },
      finish: async (sha256) => {
        end();
        if (sha256Of(content()) !== sha256) return undefined;
        this.parts.delete(offer.name);
        this.whole.set(offer.name, content());
        return offer.name;
      },
      keep: async () => {
        this.parts.set(offer.name, content());
        end();
      },
      discard: async () => {
        this.parts.delete(offer.name);
        end();
      },
    };
  }
}

/** Much faster than an assertion on each byte. */
function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

interface Stage {
  readonly content: Uint8Array;
  readonly inbox: MemoryInbox;
  readonly pairs: ChannelPair[];
  readonly received: TransferOutcome[];
  readonly options: Parameters<typeof deliverFile>[1];
}

/** Breaks each channel after a time of its own. */
function stage(runtime: Runtime, lifeMs: () => number): Stage {
  const content = CONTENT;
  const inbox = new MemoryInbox();
  const pairs: ChannelPair[] = [];
  const received: TransferOutcome[] = [];
  const dial = async () => {
    const pair = new ChannelPair(runtime, { bytesAMs: 1000, delayMs: 40 });
    pairs.push(pair);
    const [channel, far] = pair.ends;
    void receiveFile(runtime, { channel: far, inbox, from: 'sip:alice@example' }).then((outcome) =>
      received.push(outcome),
    );
    runtime.setTimer(runtime.clock.now() + lifeMs(), () => pair.break());
    return { channel, close: () => {} };
  };
  return { content, inbox, pairs, received, options: { dial, open: async () => memoryFile(content) } };
}

async function deliver(world: World, runtime: Runtime, { options }: Stage) {
  const delivery = await world.complete(deliverFile(runtime, options));
  await world.run(60_000);
  return delivery;
}

for (const seed of [1, 2, 3]) {
  scenario(
    `a file comes whole over a channel that breaks again and again, seed ${seed}`,
    { seed },
    async (world) => {
      const runtime = world.host('phone', { addresses: ['192.0.2.9'] });
      const played = stage(runtime, () => 150 + 1200 * runtime.random.float());
      const { outcome, tries } = await deliver(world, runtime, played);
      expect(outcome).toMatchObject({ kind: 'done', sha256: sha256Of(played.content) });
      expect(tries).toBeGreaterThan(2);
      expect(isSame(played.inbox.whole.get('a.bin'), played.content)).toBe(true);
      expect(played.inbox.parts.size).toBe(0);
      const sentBytes = played.pairs.reduce((sum, { ends: [end] }) => sum + end.sentBytes, 0);
      // What was on its way when it broke, and no more: a channel's buffer and a read each time.
      expect(sentBytes - SIZE_BYTES).toBeLessThan((tries - 1) * 1_400_000);
      for (const { ends, isOpen } of played.pairs) {
        expect(isOpen).toBe(false);
        expect(ends[0].peakBytes).toBeLessThan(1_400_000);
      }
      expect(played.received.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    },
  );
}

scenario('a path that never carries anything is given up', { seed: 4 }, async (world) => {
  const runtime = world.host('phone', { addresses: ['192.0.2.9'] });
  const played = stage(runtime, () => 10);
  const { outcome, tries } = await deliver(world, runtime, played);
  expect(outcome).toMatchObject({ kind: 'failed', reason: 'broken' });
  expect(tries).toBe(6);
  expect(played.inbox.whole.size).toBe(0);
});

scenario(
  'a full disk is told to the sender, who does not try again; what came stays, and is gone on with',
  {
    seed: 5,
  },
  async (world) => {
    const runtime = world.host('phone', { addresses: ['192.0.2.9'] });
    const played = stage(runtime, () => 1e6);
    played.inbox.fullAtBytes = 2_000_000;
    const first = await deliver(world, runtime, played);
    expect(first).toMatchObject({ tries: 1, outcome: { kind: 'failed', reason: 'noSpace' } });
    const keptBytes = played.inbox.parts.get('a.bin')?.length ?? 0;
    expect(keptBytes).toBeGreaterThan(1_900_000);
    played.inbox.fullAtBytes = Number.POSITIVE_INFINITY;
    const second = await deliver(world, runtime, played);
    expect(second).toMatchObject({ outcome: { kind: 'done' }, sentBytes: SIZE_BYTES - keptBytes });
  },
);

scenario('a part that was spoilt is gone on with from where it is right', { seed: 6 }, async (world) => {
  const runtime = world.host('phone', { addresses: ['192.0.2.9'] });
  const played = stage(runtime, () => 1e6);
  const spoilt = played.content.slice(0, 1_600_000);
  spoilt[1_550_000] = (spoilt[1_550_000] ?? 0) ^ 1;
  played.inbox.parts.set('a.bin', spoilt);
  const { outcome, sentBytes } = await deliver(world, runtime, played);
  expect(outcome).toMatchObject({ kind: 'done' });
  expect(sentBytes).toBe(SIZE_BYTES - 1_500_000);
  expect(isSame(played.inbox.whole.get('a.bin'), played.content)).toBe(true);
});

scenario(
  'a file that is sent anew takes the place of the transfer whose path has died unseen',
  { seed: 7 },
  async (world) => {
    const runtime = world.host('phone', { addresses: ['192.0.2.9'] });
    const played = stage(runtime, () => 1e6);
    const [first] = [deliverFile(runtime, { ...played.options, mostTries: 1 })];
    await world.run(1500);
    // The sender's program has ended: nobody says anything any more.
    const [pair] = played.pairs;
    if (pair) pair.ends[0].other = undefined;
    const second = await deliver(world, runtime, played);
    expect(second).toMatchObject({ tries: 1, outcome: { kind: 'done' } });
    expect(second.sentBytes).toBeLessThan(SIZE_BYTES);
    expect(await world.complete(first)).toMatchObject({ outcome: { kind: 'failed' } });
    expect(played.received.map((one) => (one.kind === 'done' ? one.kind : one.reason)).toSorted()).toEqual([
      'done',
      'superseded',
    ]);
  },
);

for (const { reason, tries } of [
  { reason: 'notWanted', tries: 1 },
  { reason: 'broken', tries: 1 },
  { reason: 'busy', tries: 6 },
] as const) {
  scenario(`where there never was a way, "${reason}" is tried ${tries} times`, { seed: 6 }, async (world) => {
    const runtime = world.host('phone', { addresses: ['192.0.2.9'] });
    const played = stage(runtime, () => 1e6);
    const dial = async () => ({ reason, text: 'no way', isFinal: false });
    const delivery = await deliver(world, runtime, { ...played, options: { ...played.options, dial } });
    expect(delivery).toMatchObject({ tries, outcome: { kind: 'failed', reason } });
  });
}

scenario('who was there comes back: after a break it is called again', { seed: 7 }, async (world) => {
  const runtime = world.host('phone', { addresses: ['192.0.2.9'] });
  const played = stage(runtime, () => 800);
  let calls = 0;
  const dial: typeof played.options.dial = async (signal) => {
    calls += 1;
    const isAway = calls === 2 || calls === 3;
    if (isAway) return { reason: 'notWanted', text: '480 Temporarily Unavailable', isFinal: false };
    return played.options.dial(signal);
  };
  const delivery = await deliver(world, runtime, { ...played, options: { ...played.options, dial } });
  expect(delivery.outcome.kind).toBe('done');
  expect(delivery.tries).toBe(calls);
  expect(calls).toBeGreaterThan(3);
});

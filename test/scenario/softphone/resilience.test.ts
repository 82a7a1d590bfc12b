// What a phone sends where its packets are lost: FEC and copies as the far end's reports ask for them, and no more.
import { expect } from 'vitest';
import { OpusPacket } from '../../../media/codec/opus-packet.ts';
import { SilenceSource } from '../../../media/index.ts';
import { rtpPayloadEnd, rtpPayloadOffset, rtpPayloadType } from '../../../media/rtp/index.ts';
import type { SoftphoneOptions } from '../../../softphone/index.ts';
import {
  expectEmpty,
  type LinkOptions,
  type LossModel,
  type Packet,
  scenario,
  type World,
} from '../../support/index.ts';
import { closePhones, connect, isRtp, speaking, testPhone } from './phones.ts';

/** What one phone put on the wire: of each RTP packet the time, size and payload. */
interface Sent {
  readonly at: number;
  readonly sizeBytes: number;
  readonly payloadType: number;
  readonly payload: Uint8Array;
}

/** Loses that share of RTP, and keeps what was sent. */
function tapped(world: World, sent: Sent[], lossRatio: number): LossModel {
  const keep = ({ bytes }: Packet) => {
    const payload = bytes.slice(rtpPayloadOffset(bytes), rtpPayloadEnd(bytes));
    // IPv4 and UDP.
    sent.push({ at: world.now(), sizeBytes: bytes.length + 28, payloadType: rtpPayloadType(bytes), payload });
  };
  return {
    name: `random ${lossRatio} of RTP`,
    start: (random) => (packet) => {
      if (!isRtp(packet)) return false;
      keep(packet);
      return random.float() < lossRatio;
    },
  };
}

interface Stage extends SoftphoneOptions {
  readonly seconds: number;
  readonly lossRatio?: number;
  readonly link?: LinkOptions;
}

/** Alice speaks to Bob over a link of that kind; Bob's report after the first five seconds, and at the end. */
async function speak(world: World, { seconds, lossRatio = 0, link = {}, ...options }: Stage) {
  const alice = await testPhone(world, 'alice', { ...options, makeSource: speaking(1, seconds) });
  const bob = await testPhone(world, 'bob', { ...options, makeSource: () => new SilenceSource() });
  const sent: Sent[] = [];
  const { outgoing, incoming } = await connect(world, alice, bob);
  world.linkOneWay('alice', 'bob', { delayMs: 30, ...link, loss: tapped(world, sent, lossRatio) });
  await world.run(5000);
  const early = incoming.report();
  const settledAt = world.now();
  await world.run(1000 * (seconds - 5));
  outgoing.hangUp();
  const late = await world.complete(incoming.finished);
  expectEmpty(await closePhones(world, alice, bob));
  return { sent, settled: sent.filter(({ at }) => at >= settledAt), early, late };
}

/** Share of sound that was made up between two reports. */
function concealedShare({ early, late }: Awaited<ReturnType<typeof speak>>): number {
  const [from, to] = [early.inbound.playout?.concealedMs, late.inbound.playout?.concealedMs];
  if (from === undefined || to === undefined) throw new Error('nothing was received');
  return (to - from) / ((late.durationMs ?? 0) - (early.durationMs ?? 0));
}

function fecShare(sent: readonly Sent[]): number {
  const packet = new OpusPacket();
  const carrying = sent.filter(({ payload }) => !packet.read(payload) && packet.hasLowBitrateCopy);
  return carrying.length / sent.length;
}

const bytesOf = (sent: readonly Sent[]) => sent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
const payloadTypesOf = (sent: readonly Sent[]) => [...new Set(sent.map(({ payloadType }) => payloadType))];

scenario('opus: reports of 10 % loss switch FEC on', {}, async (world) => {
  const call = await speak(world, { seconds: 15, lossRatio: 0.1, codecs: ['opus'], redundancy: 'off' });
  expect(fecShare(call.sent.slice(0, 10))).toBe(0);
  expect(fecShare(call.settled)).toBeGreaterThan(0.6);
  expect(payloadTypesOf(call.sent)).toEqual([111]);
  expect(call.late.inbound.playout?.recovered).toBeGreaterThan(20);
});

for (const codec of ['opus', 'pcmu'] as const) {
  scenario(`${codec}: with RED, 10 % of loss leave 1.5 % to be made up at most`, {}, async (world) => {
    const call = await speak(world, { seconds: 20, lossRatio: 0.1, codecs: [codec] });
    expect(payloadTypesOf(call.sent.slice(0, 10))).toEqual([codec === 'opus' ? 111 : 0]);
    expect(payloadTypesOf(call.settled)).toEqual([codec === 'opus' ? 121 : 122]);
    expect(concealedShare(call)).toBeLessThan(0.015);
    // What the network lost is told as it is, and what was found again is no loss to the ear.
    expect(call.late.inbound.lossRatio).toBeGreaterThan(0.07);
    expect(call.late.inbound.mosLq).toBeGreaterThan(4.2);
  });
}

scenario('with RED, copies are found again among packets that overtake each other', {}, async (world) => {
  const link = { jitterMs: 40, reorderRatio: 0.05, reorderMs: 30 };
  const call = await speak(world, { seconds: 20, lossRatio: 0.1, codecs: ['opus'], link });
  expect(concealedShare(call)).toBeLessThan(0.02);
});

scenario('a clean way pays no byte for what it could do', {}, async (world) => {
  const call = await speak(world, { seconds: 10, codecs: ['opus'] });
  expect(payloadTypesOf(call.sent)).toEqual([111]);
  expect(fecShare(call.sent)).toBe(0);
  expect(call.late.inbound.playout?.concealedMs).toBe(0);
});

scenario('opus: a link of 44 kbit/s gets a stream that fits it, and no copies', {}, async (world) => {
  const capacityBps = 44_000;
  const call = await speak(world, {
    seconds: 20,
    codecs: ['opus'],
    link: { rateBitsPerSecond: capacityBps, queueMs: 300 },
  });
  const start = call.sent[0]?.at ?? 0;
  const between = (fromMs: number, toMs: number) =>
    call.sent.filter(({ at }) => at >= start + fromMs && at < start + toMs);
  const rateOf = (sent: readonly Sent[], seconds: number) => (8 * bytesOf(sent)) / seconds;
  expect(rateOf(between(0, 2000), 2)).toBeGreaterThan(capacityBps);
  const last = between(12_000, 19_000);
  expect(rateOf(last, 7)).toBeLessThan(capacityBps);
  expect(rateOf(last, 7)).toBeGreaterThan(0.6 * capacityBps);
  expect(payloadTypesOf(last)).toEqual([111]);
});

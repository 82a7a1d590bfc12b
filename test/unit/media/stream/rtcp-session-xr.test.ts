// Extended reports between two ends of a session (RFC 3611), with a way that takes time.
import { describe, expect, it } from 'vitest';
import { DecodeError, SeededRandom } from '../../../../core/index.ts';
import type { WantedXr } from '../../../../media/engine/types.ts';
import { decodeRtcp, encodeRtcp, type XrBlock } from '../../../../media/rtcp/index.ts';
import { encodeRtp } from '../../../../media/rtp/index.ts';
import { InboundStream, OutboundStream, ownMetrics, RtcpSession } from '../../../../media/stream/index.ts';

const WAY_MS = 35;

class End {
  readonly inbound = new InboundStream({ concealment: true });
  readonly outbound: OutboundStream;
  readonly rtcp: RtcpSession;

  constructor(seed: number) {
    this.outbound = new OutboundStream(seed);
    this.inbound.encoding = 'pcmu';
    this.outbound.encoding = 'pcmu';
    const { inbound, outbound } = this;
    this.rtcp = new RtcpSession({
      random: new SeededRandom(seed),
      cname: `end ${seed}`,
      // The clocks of two ends have nothing to do with each other.
      wallClockOffsetMs: 1.7e12 * seed,
      inbound,
      outbound,
      voipMetrics: () =>
        ownMetrics({
          inbound,
          outbound,
          codec: 'pcmu',
          concealment: true,
          discarded: null,
          playoutDelayMs: null,
        }),
    });
    this.rtcp.start(0);
  }

  say(now: number, to: End, sequenceNumber: number): void {
    const fields = {
      payloadType: 0,
      marker: false,
      sequenceNumber,
      timestamp: 160 * sequenceNumber,
      ssrc: 1,
    };
    this.outbound.adopt(now, encodeRtp(fields, new Uint8Array(160)), 8000);
    if (sequenceNumber % 10 > 0)
      to.inbound.receive(now + WAY_MS, this.outbound.ssrc, sequenceNumber, fields.timestamp, 8000);
  }
}

/** Seconds in which alice speaks, losing each tenth packet, and bob listens. Both report. @returns what bob sent */
function listen(alice: End, bob: End, seconds: number): Uint8Array[] {
  const way: { at: number; to: End; bytes: Uint8Array }[] = [];
  const sentByBob: Uint8Array[] = [];
  for (let now = 0; now < 1000 * seconds; now += 5) {
    if (now % 20 === 0) alice.say(now, bob, 1 + now / 20);
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const bytes = from.rtcp.handleTimeout(now);
      if (bytes) way.push({ at: now + WAY_MS, to, bytes });
      if (bytes && from === bob) sentByBob.push(bytes);
    }
    while (way[0] && way[0].at <= now) {
      const { to, bytes } = way.shift() ?? { to: bob, bytes: new Uint8Array() };
      to.rtcp.handleRtcp(now, bytes);
    }
  }
  return sentByBob;
}

const blocksOf = (bytes: Uint8Array): readonly XrBlock[] => {
  const packets = decodeRtcp(bytes);
  if (packets instanceof DecodeError) throw packets;
  return packets.flatMap((packet) => (packet.type === 'XR' ? packet.blocks : []));
};

describe('RTCP XR of a session', () => {
  it('gives a listener that sends nothing its round trip, by reference times and their answers (§4.4, §4.5)', () => {
    const [alice, bob] = [new End(1), new End(2)];
    listen(alice, bob, 12);
    expect(bob.outbound.sent).toBe(0);
    expect(bob.outbound.roundTrip.lastMs).toBeCloseTo(2 * WAY_MS, 0);
    expect(alice.outbound.roundTrip.lastMs).toBeCloseTo(2 * WAY_MS, 0);
    expect([alice.rtcp.lies, bob.rtcp.lies]).toEqual([0, 0]);
    expect(alice.rtcp.reports).toBeGreaterThan(3);
  });

  it('tells the sender what was measured of its stream (§4.7)', () => {
    const [alice, bob] = [new End(1), new End(2)];
    listen(alice, bob, 20);
    expect(alice.outbound.reportedMetrics).toMatchObject({
      lossRatio: expect.closeTo(0.1, 1),
      discardRatio: 0,
      // A loss every ten packets is less than Gmin apart: one burst from the first to the last.
      burstDensity: expect.closeTo(0.1, 1),
      roundTripMs: expect.closeTo(2 * WAY_MS, 0),
      rFactor: expect.closeTo(66, 0),
      mosLq: expect.closeTo(3.4, 0),
      // A relay plays nothing.
      endSystemDelayMs: null,
      concealment: 'unspecified',
      jitterBuffer: { isAdaptive: null, nominalMs: 0, maximumMs: 0, absoluteMaximumMs: 0 },
    });
    // The relay sends nothing, and so nothing is reported of it.
    expect(bob.outbound.reportedMetrics).toBeUndefined();
  });

  it.each<{ wanted: WantedXr | undefined; kinds: readonly string[] }>([
    { wanted: undefined, kinds: ['dlrr', 'receiverReferenceTime', 'voipMetrics'] },
    { wanted: { referenceTime: false, voipMetrics: true }, kinds: ['dlrr', 'voipMetrics'] },
    { wanted: { referenceTime: true, voipMetrics: false }, kinds: ['dlrr', 'receiverReferenceTime'] },
    { wanted: { referenceTime: false, voipMetrics: false }, kinds: ['dlrr'] },
  ])('sends what the party wants, $kinds, and answers in any case (§5.1)', ({ wanted, kinds }) => {
    const [alice, bob] = [new End(1), new End(2)];
    bob.rtcp.want(wanted);
    const sent = listen(alice, bob, 12).flatMap(blocksOf);
    expect([...new Set(sent.map(({ kind }) => kind))].sort()).toEqual(kinds);
  });

  it('answers each reference time once, and asks for none when it leaves', () => {
    const bob = new End(2);
    const reference = { kind: 'receiverReferenceTime', ntpSeconds: 1, ntpFraction: 2 ** 31 } as const;
    bob.rtcp.handleRtcp(
      0,
      encodeRtcp([
        { type: 'RR', ssrc: 9, reports: [] },
        { type: 'XR', ssrc: 9, blocks: [reference] },
      ]),
    );
    const compounds: Uint8Array[] = [];
    for (let now = 0; compounds.length < 2; now += 100) {
      const bytes = bob.rtcp.handleTimeout(now);
      if (bytes) compounds.push(bytes);
    }
    const answers = compounds.map((bytes) => blocksOf(bytes).filter(({ kind }) => kind === 'dlrr'));
    expect(answers).toEqual([
      [{ kind: 'dlrr', entries: [{ ssrc: 9, lastRr: 0x0001_8000, delaySinceLastRr: expect.any(Number) }] }],
      [],
    ]);
    expect(blocksOf(bob.rtcp.goodbye(20_000) ?? new Uint8Array())).toEqual([]);
  });

  it('fits well into one datagram', () => {
    const [alice, bob] = [new End(1), new End(2)];
    for (const bytes of listen(alice, bob, 12)) expect(bytes.length).toBeLessThan(200);
  });
});

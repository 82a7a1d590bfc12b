import { describe, expect, test } from 'vitest';
import { diagnose, type FindingCode } from '../../../../server/doctor/index.ts';
import { ABANDONED_REASON } from '../../../../server/store/records.ts';
import { type GoodLeg, type GoodRecord, goodRecord } from './good-record.ts';
import { codesOf, LOST } from './spoilt-record.ts';

function refuse(record: GoodRecord, status: number, reason: string): void {
  Object.assign(record, { answer: null, disposition: 'FAILED', status, reason });
  record.quality.length = 1;
}

test('a good call has no findings, and a summary of both directions', () => {
  const { findings, verdict, summary } = diagnose(goodRecord());
  expect([verdict, findings]).toEqual(['well', []]);
  expect(summary).toBe(
    'All is well in 20 s of conversation: alice speaks pcmu, MOS 4.4, bob speaks pcmu, MOS 4.4',
  );
});

const CASES: readonly {
  readonly name: string;
  readonly expected: readonly FindingCode[];
  spoil(record: GoodRecord, alice: GoodLeg, bob: GoodLeg): void;
}[] = [
  {
    name: 'a crash of the server',
    expected: ['server-crashed'],
    spoil: (record) => Object.assign(record, { reason: ABANDONED_REASON, quality: [] }),
  },
  {
    name: 'a refusal that nobody knows',
    expected: ['refused'],
    spoil: (record) => refuse(record, 420, 'bad extension'),
  },
  {
    name: 'an error of ours',
    expected: ['server-error'],
    spoil: (record) => refuse(record, 500, 'x is undefined'),
  },
  {
    name: 'an end for silence that no leg explains',
    expected: ['ended-inactive'],
    spoil: (record) => Object.assign(record, { reason: 'neither RTP nor RTCP arrived any more' }),
  },
  {
    name: 'RTCP without sound',
    expected: ['sends-no-sound'],
    spoil: (_, alice) => {
      Object.assign(alice, { received: 0, forwarded: 0, source: undefined });
      Object.assign(alice.inbound, { packets: 0, lossRatio: null, mosLq: null });
      Object.assign(alice.facts, { payloadTypes: [], lastPacketMs: null });
    },
  },
  {
    name: 'too few packets to know a phone by',
    expected: ['sends-no-sound'],
    spoil: (_, alice) => {
      Object.assign(alice, { received: 4, forwarded: 0, source: undefined });
      alice.discarded = { 'unproven-source': 4 };
      Object.assign(alice.inbound, { packets: 0, lossRatio: null, mosLq: null });
      Object.assign(alice.facts, { lastPacketMs: null });
    },
  },
  {
    name: 'a phone that no digit can reach',
    expected: ['digits-lost-in-codec'],
    spoil: (_, __, bob) => {
      const opus = { payloadType: 96, encoding: 'opus', clockRateHz: 48_000, channels: 2 };
      bob.facts.sendFormats = [opus];
      bob.facts.receiveFormats = [opus, ...bob.facts.receiveFormats];
      bob.party.digits.takesInfo = false;
    },
  },
  {
    name: 'a phone whose digits a codec for voices alone spoils',
    expected: ['digits-lost-in-codec'],
    spoil: (_, alice) => {
      const g729 = { payloadType: 18, encoding: 'g729', clockRateHz: 8000, channels: 1 };
      alice.facts.receiveFormats = [g729];
    },
  },
  {
    name: 'a codec that did not load',
    expected: ['codec-missing'],
    spoil: (_, alice) => Object.assign(alice, { discarded: { 'no-codec': 900 }, forwarded: 100 }),
  },
  {
    name: 'nothing arrives at a phone that reports',
    expected: ['unheard'],
    spoil: (_, __, bob) => Object.assign(bob, { outbound: null }),
  },
  {
    name: 'a codec that was not agreed on, from behind a NAT',
    expected: ['codec-not-agreed', 'unreachable-address'],
    spoil: (_, __, bob) => {
      Object.assign(bob, { discarded: { 'wrong-payload-type': 1000 }, source: undefined, outbound: null });
      Object.assign(bob.inbound, { packets: 0, lossRatio: null, mosLq: null });
      Object.assign(bob.facts, {
        promised: { address: '192.168.1.2', port: 4000 },
        payloadTypes: [{ payloadType: 18, packets: 1000, isNegotiated: false }],
        lastPacketMs: null,
      });
    },
  },
  {
    name: 'loss on the first way: what is passed on has its holes, which are not told of twice',
    expected: ['loss-random'],
    spoil: (_, alice, bob) => {
      Object.assign(alice.inbound, LOST);
      Object.assign(bob, { outbound: { ...alice.inbound, lossRatio: 0.105 } });
    },
  },
  {
    name: 'more loss on the second way than on the first',
    expected: ['loss-random', 'loss-random'],
    spoil: (_, alice, bob) => {
      Object.assign(alice.inbound, LOST);
      Object.assign(bob, { outbound: { ...alice.inbound, lossRatio: 0.25 } });
    },
  },
  {
    name: 'loss that copies made up for is a risk',
    expected: ['loss-random'],
    spoil: (_, alice) => {
      Object.assign(alice.inbound, LOST);
      Object.assign(alice, { repaired: 95, forwarded: 995 });
    },
  },
  {
    name: 'loss in bursts',
    expected: ['loss-bursty'],
    spoil: (_, alice) =>
      Object.assign(alice.inbound, LOST, {
        burstGap: { burstDensity: 0.6, gapDensity: 0, burstMs: 160, gapMs: 1200 },
      }),
  },
  {
    name: 'loss with a round trip that swings',
    expected: ['loss-congestion'],
    spoil: (_, alice) => {
      Object.assign(alice.inbound, LOST);
      Object.assign(alice, { maxRoundTripMs: 600 });
    },
  },
  {
    name: 'the greatest cost first: delay over little loss',
    expected: ['long-delay', 'loss-random'],
    spoil: (_, alice, bob) => {
      Object.assign(alice.inbound, { lost: 15, packets: 985, lossRatio: 0.015 });
      Object.assign(bob, { roundTripMs: 900, minRoundTripMs: 890, maxRoundTripMs: 910 });
    },
  },
  {
    name: 'a phone that buffers long, on a short way',
    expected: ['buffer-delay'],
    spoil: (_, __, bob) => {
      bob.reportedByParty = { lossRatio: 0, discardRatio: 0, endSystemDelayMs: 500, echoReturnLossDb: null };
    },
  },
  {
    name: 'late packets by the report of the phone',
    expected: ['late-loss'],
    spoil: (_, __, bob) => {
      bob.reportedByParty = {
        lossRatio: 0,
        discardRatio: 0.05,
        endSystemDelayMs: 80,
        echoReturnLossDb: null,
      };
    },
  },
  {
    name: 'echo that a phone gives back',
    expected: ['echo'],
    spoil: (_, __, bob) => {
      bob.reportedByParty = { lossRatio: 0, discardRatio: 0, endSystemDelayMs: 80, echoReturnLossDb: 15 };
    },
  },
  {
    name: 'a round trip that swings',
    expected: ['round-trip-spikes'],
    spoil: (_, __, bob) => Object.assign(bob, { minRoundTripMs: 20, maxRoundTripMs: 300 }),
  },
  {
    name: 'a slow clock',
    expected: ['clock-drift'],
    spoil: (_, alice) => {
      alice.facts.clockDriftPpm = -200;
    },
  },
  {
    name: 'a bad rating without a cause',
    expected: ['low-mos'],
    spoil: (_, alice) => Object.assign(alice.inbound, { mosLq: 2.9, rFactor: 55 }),
  },
  {
    name: 'reports that cannot be true',
    expected: ['rtcp-lies'],
    spoil: (_, alice) => Object.assign(alice.facts, { rtcpLies: 3 }),
  },
  {
    name: 'reports none of which can be true: of what the phone heard they say nothing',
    expected: ['rtcp-lies'],
    spoil: (_, __, bob) => {
      bob.outbound = null;
      bob.facts.rtcpLies = bob.facts.rtcpReports;
    },
  },
  {
    name: 'digits for a phone that can take none',
    expected: ['digits-unsendable'],
    spoil: (_, __, bob) => Object.assign(bob.party.digits, { takesInfo: false, unsendable: 2 }),
  },
  {
    name: 'hold explains silence, and is a fault where it lasts',
    expected: ['hold'],
    spoil: (_, alice, bob) => {
      alice.party.described.direction = 'sendonly';
      Object.assign(alice.facts, { direction: 'recvonly', noSendMs: 18_000 });
      Object.assign(bob.facts, { direction: 'sendonly', noReceiveMs: 18_000, lastPacketMs: 2500 });
    },
  },
];

describe('diagnose() finds', () => {
  test.for(CASES)('$name', ({ expected, spoil }) => {
    expect(codesOf(spoil)).toEqual(expected);
  });
});

const NOTED: typeof CASES = [
  {
    name: 'a call that was not taken',
    expected: ['unanswered'],
    spoil: (record) => refuse(record, 486, 'Busy Here'),
  },
  {
    name: 'a stranger who was refused',
    expected: ['stranger-refused'],
    spoil: (_, alice) => {
      Object.assign(alice, { discarded: { 'wrong-source': 500 } });
      alice.facts.refusedSources = [{ address: '198.51.100.66', port: 5 }];
    },
  },
  {
    name: 'a phone that moved, whose first packets came before its re-INVITE',
    expected: [],
    spoil: (_, alice) => {
      Object.assign(alice, { discarded: { 'wrong-source': 3 } });
      alice.facts.refusedSources = alice.source ? [alice.source] : [];
    },
  },
  {
    name: 'a NAT that is learned',
    expected: ['behind-nat'],
    spoil: (_, alice) => {
      alice.facts.promised = { address: '192.168.1.2', port: 4000 };
    },
  },
  {
    name: 'transcoding',
    expected: ['transcoded'],
    spoil: (_, alice, bob) => {
      Object.assign(alice, { forwarded: 0, consumed: 1000 });
      Object.assign(bob, { codec: 'opus' });
    },
  },
  {
    name: 'a phone without telephone-events whose codec carries tones',
    expected: ['digits-in-sound'],
    spoil: (_, alice) => {
      alice.facts.receiveFormats = alice.facts.receiveFormats.slice(0, 1);
    },
  },
  {
    name: 'a hold that was taken up again',
    expected: ['hold'],
    spoil: (_, alice) => Object.assign(alice.facts, { noSendMs: 5000 }),
  },
  {
    name: 'no reports',
    expected: ['no-rtcp'],
    spoil: (_, alice) => {
      alice.facts.rtcpReports = 0;
      alice.outbound = null;
    },
  },
];

describe('diagnose() notes, and finds nothing wrong in,', () => {
  test.for(NOTED)('$name', ({ expected, spoil }) => {
    expect(codesOf(spoil, true)).toEqual(expected);
    expect(codesOf(spoil)).toEqual([]);
  });
});

describe('diagnose() believes what a phone published (RFC 6035)', () => {
  const published = (local: Record<string, unknown>) => [{ from: 'bob', report: { local } }];

  test('where it sent no RTCP', () => {
    const codes = codesOf((record, _, bob) => {
      bob.outbound = null;
      bob.facts.rtcpReports = 0;
      Object.assign(record, { phoneReports: published({ lossRatio: 0.1, burstDensity: 0.8, mosLq: 3.1 }) });
    }, true);
    expect(codes).toEqual(['loss-bursty']);
  });

  test('of what RTCP does not tell', () => {
    const codes = codesOf((record) =>
      Object.assign(record, { phoneReports: published({ discardRatio: 0.06, echoReturnLossDb: 10 }) }),
    );
    expect(codes).toEqual(['echo', 'late-loss']);
  });
});

test('a call that still lives is judged by what there is of it', () => {
  const live = { ...goodRecord(), end: null, billsec: 20 };
  expect(diagnose(live).verdict).toBe('well');
  for (const leg of live.quality) Object.assign(leg.facts, { direction: 'inactive', noReceiveMs: 15_000 });
  expect(diagnose(live).findings[0]?.sentence).toBe('The call was on hold for 15 s of 20 s, and still is');
});

describe('diagnose() reads what older versions wrote:', () => {
  test('a record without facts is judged by its counts', () => {
    const codes = codesOf((_, alice) => {
      Object.assign(alice.inbound, LOST);
      Object.assign(alice, { facts: undefined, party: undefined, reportedByParty: undefined });
    });
    expect(codes).toEqual(['loss-random']);
  });

  test('a good one is well', () => {
    const codes = codesOf((record) => {
      for (const leg of record.quality) Object.assign(leg, { facts: undefined, party: undefined });
    }, true);
    expect(codes).toEqual([]);
  });

  test('one without quality is unknown where the call was answered', () => {
    expect(diagnose({ ...goodRecord(), quality: [] }).verdict).toBe('unknown');
    expect(diagnose(undefined).findings.map(({ code }) => code)).toEqual([]);
  });
});

test('of a leg that is left alone its label says whose it is', () => {
  const record = goodRecord();
  record.quality.shift();
  Object.assign(record.quality[0]?.inbound ?? {}, LOST);
  expect(diagnose(record).findings[0]?.party).toEqual({ role: 'callee', name: 'bob' });
});

test('a call of less than two seconds is not blamed for what did not come', () => {
  const codes = codesOf((record, alice) => {
    record.end = '2026-01-01T00:00:02.000Z';
    Object.assign(alice, { received: 0, source: undefined });
    Object.assign(alice.inbound, { packets: 0, lossRatio: null });
    Object.assign(alice.facts, { lastPacketMs: null, rtcpReports: 0 });
  });
  expect(codes).toEqual([]);
});

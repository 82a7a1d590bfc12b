// Records to show: one with everything, and one as an older version wrote it.
import type { DirectionQuality, QualityHistory } from '../../../media/index.ts';
import type { CallRecord } from '../../../server/index.ts';
import { metricsOf } from '../../../signaling/index.ts';

type Leg = CallRecord['quality'][number];

const direction = (values: Partial<DirectionQuality>): DirectionQuality => ({
  packets: 500,
  lost: 0,
  lossRatio: 0,
  discarded: null,
  jitterMs: 1.25,
  maxJitterMs: 4,
  rFactor: 93.2,
  mosLq: 4.41,
  mosCq: 4.4,
  burstGap: null,
  ...values,
});

const history = (mosLq: readonly (number | null)[]): QualityHistory => ({
  intervalMs: 1000,
  mosLq,
  rFactor: mosLq.map((mos) => mos && 90),
  mosCq: mosLq.map(() => null),
});

const LEG = {
  legId: 1,
  label: 'alice',
  codec: 'opus',
  received: 500,
  receivedBytes: 50_000,
  sent: 500,
  sentBytes: 50_000,
  forwarded: 500,
  consumed: 0,
  repaired: 0,
  discarded: {},
  source: { address: '192.0.2.7', port: 4000 },
  inbound: direction({}),
  outbound: direction({}),
  roundTripMs: 40,
  minRoundTripMs: 38,
  maxRoundTripMs: 61.5,
  mosHistory: [4.41, 4.41],
  mosIntervalMs: 1000,
  inboundHistory: history([4.41, 4.4, null, 4.2]),
  outboundHistory: history([4.4, 4.41]),
  reportedByParty: null,
  party: { told: { address: '192.0.2.1', port: 10_000 }, described: null },
  // Cast: other facts are the doctor's business, and not shown here.
} as unknown as Leg;

const leg = (values: Partial<Leg>): Leg => ({ ...LEG, ...values });

/** Bob's phone loses what it is sent. */
export const RECORD: CallRecord = {
  uniqueid: '1700000000.7',
  src: 'alice',
  dst: 'bob',
  lastDst: 'carol, "C"',
  start: '2026-01-01T12:00:00.250Z',
  answer: '2026-01-01T12:00:02.250Z',
  end: '2026-01-01T12:00:12.250Z',
  duration: 12,
  billsec: 10,
  disposition: 'ANSWERED',
  status: null,
  reason: 'the caller hung up',
  callIds: ['one@a', 'two@b'],
  quality: [
    leg({}),
    leg({
      legId: 2,
      label: 'carol',
      roundTripMs: 60.4,
      outbound: direction({
        lost: 25,
        lossRatio: 0.05,
        jitterMs: 12.5,
        maxJitterMs: null,
        mosLq: 3.7,
        mosCq: 3.5,
        burstGap: { burstDensity: 0.4, gapDensity: 0.01, burstMs: 120, gapMs: 4000 },
      }),
      outboundHistory: history([4.4, 1.5, 3.9]),
      reportedByParty: {
        lossRatio: 0.05,
        discardRatio: 0.01,
        burstDensity: 0.4,
        gapDensity: 0.01,
        burstMs: 120,
        gapMs: 4000,
        roundTripMs: 61,
        endSystemDelayMs: 80,
        signalLevelDbm: -20,
        noiseLevelDbm: null,
        echoReturnLossDb: null,
        rFactor: 72,
        mosLq: 3.6,
        mosCq: null,
        concealment: 'standard',
        jitterBuffer: { isAdaptive: true, nominalMs: 60, maximumMs: 80, absoluteMaximumMs: 200 },
      },
    }),
  ],
  recordings: [],
  phoneReports: [
    {
      from: 'carol',
      receivedAt: '2026-01-01T12:00:12.400Z',
      report: {
        kind: 'session',
        isFinal: true,
        alert: null,
        callId: 'two@b',
        localId: null,
        remoteId: null,
        origId: null,
        localAddress: null,
        remoteAddress: null,
        local: metricsOf(direction({ lossRatio: 0.05, mosLq: 3.65, mosCq: null, rFactor: null }), {
          startAt: 0,
          stopAt: 1,
          codec: 'opus/48000',
          roundTripMs: null,
        }),
        remote: null,
        toTag: null,
        fromTag: null,
      },
    },
  ],
};

const { inboundHistory: _1, outboundHistory: _2, reportedByParty: _3, party: _5, ...oldLeg } = leg({});
const { burstGap: _4, ...oldDirection } = direction({});

/** As it comes out of a store that an older version filled. */
export const OLD_RECORD = {
  ...RECORD,
  uniqueid: '1600000000.1',
  dst: 'bob',
  lastDst: 'bob',
  callIds: [],
  recordings: [],
  phoneReports: [],
  quality: [{ ...oldLeg, inbound: oldDirection, outbound: null }],
  // Cast: what older versions wrote lacks fields of the type.
} as unknown as CallRecord;

export const UNANSWERED: CallRecord = {
  ...RECORD,
  uniqueid: '1700000000.8',
  answer: null,
  billsec: 0,
  disposition: 'BUSY',
  status: 486,
  reason: 'busy',
  callIds: ['three'],
  quality: [],
  recordings: [],
  phoneReports: [],
};

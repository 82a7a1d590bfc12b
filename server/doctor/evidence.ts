// Reads a call record as what it is: JSON that an older version, or another program, may have written. Never throws.
import { z } from 'zod';

const text = z.string().catch('');
const count = z.number().nonnegative().catch(0);
const measured = z.number().nullable().catch(null);
const ratio = z.number().min(0).max(1).nullable().catch(null);
const direction = z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).nullable().catch(null);
const endpoint = z.object({ address: z.string(), port: z.number() }).nullable().catch(null);

/** What can be read of a list; the rest is left out. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((all) =>
      all.flatMap((one): z.output<Item>[] => {
        const { data, success } = item.safeParse(one);
        return success ? [data] : [];
      }),
    );
}

const formats = listOf(
  z.object({ payloadType: z.number(), encoding: z.string(), clockRateHz: z.number().catch(8000) }),
);

const burstGap = z.object({ burstDensity: ratio, burstMs: measured, gapMs: measured }).nullable().catch(null);

const directionQuality = z.object({
  packets: count,
  lost: z.number().catch(0),
  lossRatio: ratio,
  discarded: measured,
  jitterMs: measured,
  maxJitterMs: measured,
  rFactor: measured,
  mosLq: measured,
  burstGap,
});

const voipMetrics = z.object({
  lossRatio: ratio,
  discardRatio: ratio,
  endSystemDelayMs: measured,
  echoReturnLossDb: measured,
  mosLq: measured,
});

/** RFC 6035, by PUBLISH. */
const phoneReport = z.object({
  from: text,
  report: z.object({
    local: voipMetrics.extend({
      burstDensity: ratio,
      burstMs: measured,
      gapMs: measured,
      jitterMs: measured,
      rFactorLq: measured,
    }),
  }),
});

const legFacts = z.object({
  promised: endpoint,
  refusedSources: listOf(z.object({ address: z.string(), port: z.number() })),
  direction,
  noReceiveMs: count,
  noSendMs: count,
  openMs: count,
  sendFormats: formats,
  receiveFormats: formats,
  payloadTypes: listOf(z.object({ payloadType: z.number(), packets: count, isNegotiated: z.boolean() })),
  clockDriftPpm: measured,
  digits: count,
  lastPacketMs: measured,
  rtcpReports: count,
  rtcpLies: count,
  overtaken: count,
  ice: z
    .object({ mode: z.enum(['lite', 'pass']) })
    .nullable()
    .catch(null),
});

const partyFacts = z.object({
  signalingAddress: z.string().nullable().catch(null),
  boundAddress: text,
  told: endpoint,
  described: z.object({ rtp: endpoint, direction, formats }).nullable().catch(null),
  digits: z
    .object({
      takesInfo: z.boolean().nullable().catch(null),
      sentByInfo: count,
      refusedByInfo: count,
      refusal: measured,
      unreadable: count,
      unsendable: count,
    })
    .nullable()
    .catch(null),
});

const NOTHING_MEASURED = {
  packets: 0,
  lost: 0,
  lossRatio: null,
  discarded: null,
  jitterMs: null,
  maxJitterMs: null,
  rFactor: null,
  mosLq: null,
  burstGap: null,
};

const legReport = z.object({
  label: text,
  codec: z.string().nullable().catch(null),
  received: count,
  sent: count,
  forwarded: count,
  consumed: count,
  repaired: count,
  discarded: z.record(z.string(), count).catch({}),
  source: endpoint,
  inbound: directionQuality.catch(NOTHING_MEASURED),
  outbound: directionQuality.nullable().catch(null),
  roundTripMs: measured,
  minRoundTripMs: measured,
  maxRoundTripMs: measured,
  reportedByParty: voipMetrics.nullable().catch(null),
  // Null in records of versions that kept none.
  facts: legFacts.nullable().catch(null),
  party: partyFacts.nullable().catch(null),
});

const callRecord = z.object({
  uniqueid: text,
  src: text,
  dst: text,
  lastDst: text,
  start: text,
  answer: z.string().nullable().catch(null),
  end: z.string().nullable().catch(null),
  disposition: z.string().nullable().catch(null),
  status: measured,
  reason: text,
  /** Of the conversation, where the call still lives. */
  billsec: count,
  quality: listOf(legReport),
  phoneReports: listOf(phoneReport),
});

/** Each as its namesake in media and server has it, with null where nothing can be read. */
export type DirectionEvidence = z.output<typeof directionQuality>;
export type LegReportEvidence = z.output<typeof legReport>;
export type LegFactsEvidence = z.output<typeof legFacts>;
export type VoipEvidence = z.output<typeof voipMetrics>;
export type PhoneReportEvidence = z.output<typeof phoneReport>;
export type RecordEvidence = z.output<typeof callRecord>;

/** What can be read of a record, whatever it is. */
export function readRecord(record: unknown): RecordEvidence {
  const { data } = callRecord.safeParse(record);
  return data ?? callRecord.parse({});
}

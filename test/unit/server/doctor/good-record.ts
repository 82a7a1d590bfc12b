// The record of a good call, to be spoilt by tests.

const FORMATS = [
  { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 },
  { payloadType: 101, encoding: 'telephone-event', clockRateHz: 8000, channels: 1 },
];

const DIRECTION = {
  packets: 1000,
  lost: 0,
  lossRatio: 0,
  discarded: null,
  jitterMs: 2,
  maxJitterMs: 4,
  rFactor: 93,
  mosLq: 4.4,
  mosCq: 4.4,
  burstGap: null,
};

/** A leg of a good call of 20 s. */
export function goodLeg(name: string, address: string) {
  return {
    legId: 1,
    label: name,
    codec: 'pcmu',
    received: 1000,
    receivedBytes: 172_000,
    sent: 1000,
    sentBytes: 172_000,
    forwarded: 1000,
    consumed: 0,
    repaired: 0,
    discarded: {} as Record<string, number>,
    source: { address, port: 4000 } as { address: string; port: number } | undefined,
    inbound: { ...DIRECTION },
    outbound: { ...DIRECTION } as typeof DIRECTION | null,
    roundTripMs: 20 as number | null,
    minRoundTripMs: 15 as number | null,
    maxRoundTripMs: 30 as number | null,
    mosHistory: [4.4],
    mosIntervalMs: 1000,
    reportedByParty: null as Record<string, unknown> | null,
    facts: {
      promised: { address, port: 4000 },
      refusedSources: [] as { address: string; port: number }[],
      direction: 'sendrecv',
      noReceiveMs: 0,
      noSendMs: 0,
      openMs: 20_500,
      sendFormats: FORMATS,
      receiveFormats: FORMATS,
      payloadTypes: [{ payloadType: 0, packets: 1000, isNegotiated: true }],
      clockDriftPpm: 10 as number | null,
      digits: 0,
      firstPacketMs: 500,
      lastPacketMs: 20_490,
      overtaken: 0,
      rtcpReports: 8,
      rtcpLies: 0,
    },
    party: {
      signalingAddress: address,
      boundAddress: '198.51.100.1',
      told: { address: '198.51.100.1', port: 10_000 },
      described: { rtp: { address, port: 4000 }, direction: 'sendrecv', formats: FORMATS },
      digits: {
        takesInfo: true,
        sentByInfo: 0,
        refusedByInfo: 0,
        refusal: null as number | null,
        unreadable: 0,
        unsendable: 0,
      },
    },
  };
}

export function goodRecord() {
  return {
    uniqueid: '1732665600.1',
    src: 'alice',
    dst: 'bob',
    lastDst: 'bob',
    start: '2026-01-01T00:00:00.000Z',
    answer: '2026-01-01T00:00:01.000Z' as string | null,
    end: '2026-01-01T00:00:21.000Z' as string | null,
    duration: 21,
    billsec: 20,
    disposition: 'ANSWERED' as string | null,
    status: null as number | null,
    reason: 'the caller hung up' as string | null,
    callIds: [],
    recordings: [],
    phoneReports: [],
    quality: [goodLeg('alice', '203.0.113.1'), goodLeg('bob', '203.0.113.2')],
  };
}

export type GoodRecord = ReturnType<typeof goodRecord>;
export type GoodLeg = ReturnType<typeof goodLeg>;

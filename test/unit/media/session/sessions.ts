// Sessions and packets for the tests of a phone's RTP session.
import { SeededRandom } from '../../../../core/index.ts';
import type { PayloadFormat, RemoteMedia } from '../../../../media/engine/types.ts';
import { demultiplexMedia, encodeRtp } from '../../../../media/rtp/index.ts';
import { type OutgoingDatagram, RtpSession, type RtpSessionEvent } from '../../../../media/session/index.ts';

export const PCMU: PayloadFormat = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
export const EVENTS: PayloadFormat = {
  payloadType: 101,
  encoding: 'telephone-event',
  clockRateHz: 8000,
  channels: 1,
};
export const OPUS: PayloadFormat = { payloadType: 111, encoding: 'opus', clockRateHz: 48_000, channels: 2 };
export const STEP = { timestampStep: 160 };
export const THEIRS = 0x7777;

export const at = (address: string, changes: Partial<RemoteMedia> = {}): RemoteMedia => ({
  rtp: { address, port: 4000 },
  rtcp: { address, port: 4001 },
  rtcpMux: false,
  formats: [PCMU, EVENTS],
  direction: 'sendrecv',
  ptimeMs: 20,
  ...changes,
});

export function createSession(seed = 1): RtpSession {
  return new RtpSession({
    random: new SeededRandom(seed),
    cname: `cname ${seed}`,
    wallClockOffsetMs: 1.7e12,
  });
}

export function agreed(changes: Partial<RemoteMedia> = {}): RtpSession {
  const session = createSession();
  session.setRemote(0, at('192.0.2.1', changes));
  return session;
}

export function packet(sequenceNumber: number, payloadType = 0): Uint8Array {
  const timestamp = (160 * sequenceNumber) >>> 0;
  return encodeRtp(
    { payloadType, marker: false, sequenceNumber, timestamp, ssrc: THEIRS },
    Uint8Array.of(sequenceNumber & 0xff),
  );
}

export const FROM_PARTY = { socket: 'rtp', address: '192.0.2.1', port: 4000 } as const;
export const FROM_STRANGER = { socket: 'rtp', address: '203.0.113.9', port: 666 } as const;

export const rtpOf = (datagrams: readonly OutgoingDatagram[]) =>
  datagrams.filter(({ bytes }) => demultiplexMedia(bytes) === 'rtp');
export const frames = (events: readonly RtpSessionEvent[]) =>
  events.flatMap((event) => (event.type === 'frame' ? [event.frame] : []));

// A leg that keeps what it is sent, for what makes packets.
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import type { Leg } from '../../../../media/leg/index.ts';
import type { SendingAdvice } from '../../../../media/resilience/index.ts';
import {
  encodeRtp,
  rtpMarker,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpTimestamp,
} from '../../../../media/rtp/index.ts';

export const PCMU: PayloadFormat = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
export const PCMA: PayloadFormat = { ...PCMU, payloadType: 8, encoding: 'pcma' };
export const EVENTS: PayloadFormat = { ...PCMU, payloadType: 101, encoding: 'telephone-event' };
export const EVENTS_48000: PayloadFormat = { ...EVENTS, payloadType: 110, clockRateHz: 48_000 };
export const COMFORT_NOISE: PayloadFormat = { ...PCMU, payloadType: 13, encoding: 'cn' };

export interface SentPacket {
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

/** For a party that loses nothing. */
export const CALM: SendingAdvice = { bitrateRatio: 1, expectedLossRatio: 0, redLevel: 0 };

export function createLeg() {
  const sent: SentPacket[] = [];
  const state = { isPlaying: false, interruptions: 0, advice: CALM };
  const leg = {
    ssrc: 99,
    sendFormat: PCMU,
    get isPlaying() {
      return state.isPlaying;
    },
    get advice() {
      return state.advice;
    },
    interrupt: () => {
      state.interruptions += 1;
    },
    send: (_now: number, packet: Uint8Array) => {
      sent.push({
        payloadType: rtpPayloadType(packet),
        sequenceNumber: rtpSequenceNumber(packet),
        timestamp: rtpTimestamp(packet),
        marker: rtpMarker(packet),
        payload: packet.slice(12),
      });
      return true;
    },
  };
  // Cast: what makes packets uses no more of the leg than this.
  return { leg: leg as unknown as Leg, sent, state };
}

export function packet(fields: {
  readonly payloadType?: number;
  readonly sequenceNumber?: number;
  readonly timestamp?: number;
  readonly ssrc?: number;
  readonly payload?: Uint8Array;
}): Uint8Array {
  const { payload = new Uint8Array(160), ...rest } = fields;
  return encodeRtp(
    { payloadType: 0, marker: false, sequenceNumber: 1, timestamp: 0, ssrc: 7, ...rest },
    payload,
  );
}

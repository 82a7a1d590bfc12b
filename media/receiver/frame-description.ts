// A packet as a jitter buffer takes it: what can be told from its payload besides what its owner told.
import type { Codec } from '../codec/index.ts';
import type { JitterFrame } from '../jitter/index.ts';

/** Opus packets of so few bytes hold no sound and need not be sent: what follows may be silence (RFC 7587 §3.1.3). */
const LARGEST_DTX_BYTES = 2;

/** One object, filled anew for each packet: a buffer copies what it keeps. */
export class FrameDescription implements JitterFrame {
  payloadType = 0;
  payload: Uint8Array = new Uint8Array(0);
  timestamp = 0;
  extendedSequenceNumber = 0;
  ssrc = 0;
  marker = false;
  arrivedAt = 0;
  clockRateHz = 0;
  isRedundant = false;
  hasFec = false;
  isDtx = false;

  /**
   * @param number - of the packet in the row of sound
   * @param codec - that decodes it; undefined where nobody here does
   * @returns itself, valid until the next
   */
  describe(frame: JitterFrame, number: number, codec: Codec | 'comfort-noise' | undefined): JitterFrame {
    const { payload, isRedundant = false } = frame;
    this.payloadType = frame.payloadType;
    this.payload = payload;
    this.timestamp = frame.timestamp;
    this.extendedSequenceNumber = number;
    this.ssrc = frame.ssrc;
    this.marker = frame.marker;
    this.arrivedAt = frame.arrivedAt;
    this.clockRateHz = frame.clockRateHz;
    this.isRedundant = isRedundant;
    const isCodec = codec !== undefined && codec !== 'comfort-noise';
    const isOpus = isCodec && codec.hasFec !== undefined;
    this.hasFec = frame.hasFec ?? (isOpus && codec.hasFec?.(payload)) ?? false;
    if (isCodec) this.isDtx = frame.isDtx ?? (isOpus && payload.length <= LARGEST_DTX_BYTES);
    else this.isDtx = codec === 'comfort-noise';
    return this;
  }
}

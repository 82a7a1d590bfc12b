// What a codec is to the rest of the media room.
import type { DecodeError } from '../../core/index.ts';

export type CodecName = 'opus' | 'pcmu' | 'pcma';

/** How a codec stands in SDP, and what sound it takes. */
export interface CodecDescription {
  readonly encoding: CodecName;
  /** The payload type that we offer it under; an answer may use another. */
  readonly payloadType: number;
  /** Of the RTP timestamp. */
  readonly clockRateHz: number;
  /** As SDP has it: Opus always says 2 (RFC 7587 §7), whatever is in its packets. */
  readonly channels: number;
  readonly formatParameters?: string;
  /** Rate of the sound that {@link Codec.encode} takes and {@link Codec.decode} gives; always mono. */
  readonly sampleRateHz: number;
}

/**
 * One encoder and one decoder of a call. They keep state between frames, so each stream has its own;
 * whoever made it closes it.
 */
export interface Codec {
  readonly description: CodecDescription;
  /**
   * Encodes one frame of mono sound.
   *
   * @param pcm - {@link FRAME_MS} of sound at `sampleRateHz`; still the caller's after the call
   * @returns a payload that is the caller's
   */
  encode(pcm: Int16Array): Uint8Array;
  /** Decodes the payload of one packet, of whatever length, into mono sound that is the caller's. */
  decode(payload: Uint8Array): Int16Array | DecodeError;
  /** Makes up the sound of a packet that did not come. @returns `sampleCount` samples, the caller's */
  conceal(sampleCount: number): Int16Array;
  close(): void;
}

/** Length of the frames that we send, in milliseconds. */
export const FRAME_MS = 20;

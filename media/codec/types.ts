// What a codec is to the rest of the media room.
import type { DecodeError } from '../../core/index.ts';

export type CodecName = 'opus' | 'pcmu' | 'pcma' | 'g722' | 'l16';

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
  /** Rate of the sound that {@link Codec.encode} takes and {@link Codec.decode} gives. */
  readonly sampleRateHz: number;
  /** Channels of that sound, interleaved; one where not given. */
  readonly soundChannels?: 1 | 2;
}

/** What an encoder can change in mid-stream; a codec takes what it knows and ignores the rest. */
export interface EncoderSettings {
  readonly bitrateBps: number;
  /** 0 to 10: more work for better sound at the same bitrate. */
  readonly complexity: number;
  /** 0 to 1: share of our packets that the far end loses. In-band FEC is sent where it is over zero. */
  readonly expectedLossRatio: number;
  /** Whether silence is sent as few and tiny packets. */
  readonly dtx: boolean;
  /** Whether frames build on those before them; a decoder that heard others understands those that do not. */
  readonly prediction: boolean;
}

/**
 * One encoder and one decoder of a call. They keep state between frames, so each stream has its own;
 * whoever made it closes it.
 */
export interface Codec {
  readonly description: CodecDescription;
  /** Where the encoder began, in bits a second; not there where the bitrate cannot change. */
  readonly usualBitrateBps?: number;
  /**
   * Encodes one frame of sound.
   *
   * @param pcm - 10, 20, 40 or 60 ms of sound at `sampleRateHz`; still the caller's after the call
   * @returns a payload that is the caller's; empty where the codec has nothing to send (DTX)
   */
  encode(pcm: Int16Array): Uint8Array;
  /** Decodes the payload of one packet, of whatever length, into sound that is the caller's. */
  decode(payload: Uint8Array): Int16Array | DecodeError;
  /** Whether the payload carries a copy of the packet before it (Opus in-band FEC). Reads a few bits, decodes nothing. */
  hasFec?(payload: Uint8Array): boolean;
  /**
   * The sound of the packet before this one, from the copy in this one. To be called instead of {@link Codec.conceal}
   * and before this payload is decoded.
   *
   * @returns `sampleCount` samples a channel, the caller's
   */
  recover?(payload: Uint8Array, sampleCount: number): Int16Array | DecodeError;
  /** Changes the encoder in mid-stream. */
  tune?(settings: Partial<EncoderSettings>): void;
  /** Makes up the sound of a packet that did not come. @returns `sampleCount` samples a channel, the caller's */
  conceal(sampleCount: number): Int16Array;
  close(): void;
}

/** Length of the frames that we send, in milliseconds. */
export const FRAME_MS = 20;

// What an engine of Opus is: one way to reach a compiled libopus.
import type { OpusPacket } from './opus-packet.ts';

/** Rates of sound that libopus takes and gives. */
export const OPUS_SAMPLE_RATES = [8000, 12_000, 16_000, 24_000, 48_000] as const;

/** One way to reach libopus. */
export interface OpusLibrary {
  /** @throws Error where the engine is missing; its message says what to install */
  load(): Promise<void>;
  /** Only after `load`. */
  open(sound: OpusLibrarySound): Promise<OpusInstance>;
}

export interface OpusLibrarySound {
  readonly sampleRateHz: (typeof OPUS_SAMPLE_RATES)[number];
  readonly channels: 1 | 2;
}

/**
 * One encoder (for voice, `OPUS_APPLICATION_VOIP`) and one decoder. Sample counts are a channel's; sound and payloads
 * that it returns are the caller's.
 */
export interface OpusInstance {
  /** Sets one value of the encoder. @param request - one of {@link opusRequests} */
  control(request: number, value: number): void;
  /** @param pcm - 2.5, 5, 10, 20, 40 or 60 ms */
  encode(pcm: Int16Array): Uint8Array;
  /** @returns undefined where libopus refuses a packet that is well-formed */
  decode(packet: OpusPacket): Int16Array | undefined;
  /** @param sampleCount - a multiple of 2.5 ms, at most 120 ms */
  conceal(sampleCount: number): Int16Array;
  /**
   * Decodes the copy of the frame before the packet. Absent where the engine gives no access to it.
   *
   * @param sampleCount - length of the packet's frames
   */
  recover?(packet: OpusPacket, sampleCount: number): Int16Array | undefined;
  /** Frees all memory; once. */
  close(): void;
}

/** `OPUS_APPLICATION_VOIP` of opus_defines.h. */
export const OPUS_APPLICATION_VOIP = 2048;

/** Settings of the encoder, by their numbers in opus_defines.h. */
export const opusRequests = {
  bitrate: 4002,
  maxBandwidth: 4004,
  vbr: 4006,
  complexity: 4010,
  inbandFec: 4012,
  packetLossPercent: 4014,
  dtx: 4016,
  forceChannels: 4022,
  signal: 4024,
  predictionDisabled: 4042,
} as const;

/** `OPUS_SIGNAL_VOICE`. */
export const OPUS_SIGNAL_VOICE = 3001;

/** `OPUS_BANDWIDTH_…`, by the highest frequency of the band. */
export const opusBandwidths: ReadonlyMap<number, number> = new Map([
  [4000, 1101],
  [6000, 1102],
  [8000, 1103],
  [12_000, 1104],
  [20_000, 1105],
]);

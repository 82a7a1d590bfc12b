// Parts of an Ogg Opus file, without decoding what comes before them.
import type { OggOpus } from '../audio/index.ts';
import { OpusPacket, opusFrameMs } from '../codec/opus-packet.ts';

const SAMPLES_A_MS = 48;
/** RFC 7845 §4.6: a decoder needs so much before a place to sound right there. */
const PRE_ROLL_SAMPLES = 80 * SAMPLES_A_MS;

/** Length of what is to be heard, in samples at 48 kHz; told by the packets where the file does not say. */
export function opusLengthSamples(opus: OggOpus): number {
  const decoded = opus.packets.reduce((sum, packet) => sum + packetSamples(packet), 0);
  return Math.max(0, Math.min(opus.durationSamples ?? decoded, decoded - opus.preSkipSamples));
}

/**
 * The file from a place on.
 *
 * @param fromSamples - at 48 kHz, of what is to be heard
 */
export function opusFrom(opus: OggOpus, fromSamples: number): OggOpus {
  const wanted = opus.preSkipSamples + fromSamples;
  let first = 0;
  let startsAt = 0;
  for (const [index, packet] of opus.packets.entries()) {
    const endsAt = startsAt + packetSamples(packet);
    if (endsAt + PRE_ROLL_SAMPLES > wanted) break;
    first = index + 1;
    startsAt = endsAt;
  }
  const { durationSamples } = opus;
  return {
    ...opus,
    preSkipSamples: wanted - startsAt,
    durationSamples: durationSamples === null ? null : Math.max(0, durationSamples - fromSamples),
    packets: opus.packets.slice(first),
  };
}

const shared = new OpusPacket();

/** 0 of what is no packet: a decoder refuses it. */
function packetSamples(bytes: Uint8Array): number {
  return shared.read(bytes) ? 0 : shared.frameCount * opusFrameMs(shared.toc) * SAMPLES_A_MS;
}

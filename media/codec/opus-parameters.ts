// What SDP says about Opus (RFC 7587 §6.1), and what our encoder makes of it.
import type { EncoderSettings } from './types.ts';

/** The sound that goes into our encoder. */
export interface OpusSound {
  readonly sampleRateHz: number;
  readonly soundChannels: 1 | 2;
}

/** How we encode for one far end. */
export interface OpusEncoding {
  /** Where the encoder starts; `dtx` and the limits of the bitrate are the far end's wish. */
  readonly settings: Omit<EncoderSettings, 'prediction'>;
  /** Most that any later bitrate may be, in bits a second: 6000 to 510,000. */
  readonly maxBitrateBps: number;
  /** The widest band worth sending, by the highest frequency in it: 4000 to 20,000. */
  readonly audioBandwidthHz: number;
  /** Channels worth sending; the encoder mixes down where the sound has more. */
  readonly channels: 1 | 2;
  readonly isConstantBitrate: boolean;
  /** Whether the far end makes use of in-band FEC. */
  readonly wantsFec: boolean;
}

/** RFC 7587 §6.1: limits of `maxaveragebitrate`, in bits a second. */
export const OPUS_BITRATE_RANGE = { min: 6000, max: 510_000 } as const;

/** RFC 6716 §2.1.3, table 1, narrow to full; bitrates for speech by RFC 7587 §3.1.1. */
const BANDS = [
  { audioBandwidthHz: 4000, speechBps: 12_000 },
  { audioBandwidthHz: 6000, speechBps: 16_000 },
  { audioBandwidthHz: 8000, speechBps: 24_000 },
  { audioBandwidthHz: 12_000, speechBps: 32_000 },
  { audioBandwidthHz: 20_000, speechBps: 40_000 },
] as const;
/** RFC 7587 §3.1.1: 64 kbit/s and more for stereo at full band. */
const STEREO_FACTOR = 1.6;
/** Half the work of the largest complexity, and no listener tells them apart. */
const COMPLEXITY = 5;

/**
 * What we offer for sound of this kind. What a phone can neither record nor play, nobody need send it.
 *
 * @returns `useinbandfec=1` and what departs from the defaults of RFC 7587 §6.1
 */
export function formatOpusParameters(sound: OpusSound): string {
  const parameters = ['useinbandfec=1'];
  if (sound.sampleRateHz < 48_000) {
    parameters.push(`maxplaybackrate=${sound.sampleRateHz}`, `sprop-maxcapturerate=${sound.sampleRateHz}`);
  }
  if (sound.soundChannels === 2) parameters.push('stereo=1', 'sprop-stereo=1');
  return parameters.join(';');
}

/**
 * How to encode for a far end. Its `sprop-` parameters tell what it sends, and a decoder takes whatever comes, so they
 * change nothing here.
 *
 * @param formatParameters - of the far end's description: they say what it wants to receive (RFC 7587 §7.1)
 */
export function opusEncodingFor(formatParameters: string | undefined, sound: OpusSound): OpusEncoding {
  const wishes = readParameters(formatParameters ?? '');
  const playbackRateHz = numberOf(wishes.get('maxplaybackrate'), { min: 8000, max: 48_000 });
  const band = bandFor(Math.min(playbackRateHz, sound.sampleRateHz));
  const maxBitrateBps = numberOf(wishes.get('maxaveragebitrate'), OPUS_BITRATE_RANGE);
  const channels = wishes.get('stereo') === '1' ? sound.soundChannels : 1;
  const usualBps = band.speechBps * (channels === 2 ? STEREO_FACTOR : 1);
  return {
    settings: {
      bitrateBps: Math.min(usualBps, maxBitrateBps),
      complexity: COMPLEXITY,
      expectedLossRatio: 0,
      dtx: wishes.get('usedtx') === '1',
    },
    maxBitrateBps,
    audioBandwidthHz: band.audioBandwidthHz,
    channels,
    isConstantBitrate: wishes.get('cbr') === '1',
    wantsFec: wishes.get('useinbandfec') === '1',
  };
}

/** RFC 7587 §6.1, of the far end's description: whether it would rather receive stereo. */
export function wantsOpusStereo(formatParameters: string | undefined): boolean {
  return readParameters(formatParameters ?? '').get('stereo') === '1';
}

/** RFC 7587 §6.1, of the far end's description: whether it is likely to send stereo. */
export function sendsOpusStereo(formatParameters: string | undefined): boolean {
  return readParameters(formatParameters ?? '').get('sprop-stereo') === '1';
}

/** RFC 7587 §6.1: nothing above what the far end can play; half its rate is the highest frequency it plays. */
function bandFor(sampleRateHz: number): (typeof BANDS)[number] {
  return BANDS.findLast((band) => band.audioBandwidthHz * 2 <= sampleRateHz) ?? BANDS[0];
}

function readParameters(formatParameters: string): ReadonlyMap<string, string> {
  const pairs = formatParameters.split(';').map((parameter) => parameter.split('=', 2));
  return new Map(pairs.map(([name = '', value = '']) => [name.trim().toLowerCase(), value.trim()]));
}

/** The nearest number allowed; what is no number is as if not given, and the largest is every default's. */
function numberOf(text: string | undefined, range: { readonly min: number; readonly max: number }): number {
  if (text === undefined || !/^\d+$/.test(text)) return range.max;
  return Math.max(range.min, Math.min(range.max, Number(text)));
}

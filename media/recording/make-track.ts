// The file of a track in either format.
import type { Codec } from '../codec/index.ts';
import { OpusTrack } from './opus-track.ts';
import type { MakeTrack } from './recorder.ts';
import { WavTrack } from './wav-track.ts';

export interface TrackMakerOptions {
  /** An encoder of the caller's own; undefined where there is none. */
  createOpus(channels: 1 | 2): Promise<Codec | undefined>;
  /** RFC 3533 §4: what tells streams apart, by chance. */
  serialNumber(): number;
}

export function trackMaker({ createOpus, serialNumber }: TrackMakerOptions): MakeTrack {
  return (file, { format, channels, title }, onFailed) => {
    if (format === 'wav') return new WavTrack(file, channels);
    const makeEncoder = () => createOpus(channels);
    return new OpusTrack({ file, channels, title, serialNumber: serialNumber(), makeEncoder, onFailed });
  };
}

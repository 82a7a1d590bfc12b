// What --play and --record say, made into sources and sinks.
import { access, constants } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { messageOf, UsageError } from '../../core/index.ts';
import {
  type AudioSink,
  type AudioSource,
  SilenceSource,
  SpeechLikeSource,
  ToneSource,
} from '../../media/index.ts';
import { MicrophoneSource, SpeakerSink } from './devices.ts';
import { type FileSource, openFileSound } from './file-sound.ts';
import { WavRecorder } from './wav-recorder.ts';

/**
 * Makes the source of one call; each call hears a file from its start. What all calls share, as a microphone, is
 * closed by `close`: the phone calls it when it is closed itself.
 */
export type MakeSource = (() => AudioSource) & { readonly close?: () => void };

/**
 * Makes the sink of one call, or none.
 *
 * @param sampleRateHz - rate of the call's codec; the sink may choose another
 * @param channels - of the same: two only where the phone is stereo, one where not given
 */
export type MakeSink = (sampleRateHz: number, channels?: 1 | 2) => Promise<AudioSink | undefined>;

export type PlayOption =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'tone'; readonly frequencyHz: number }
  | { readonly kind: 'mic' | 'silence' | 'speech' };

const HIGHEST_TONE_HZ = 20_000;

/** @throws UsageError that names the forms which there are */
export function parsePlayOption(text: string): PlayOption {
  if (text === 'mic' || text === 'silence' || text === 'speech') return { kind: text };
  const tone = /^tone:(.*)$/.exec(text);
  if (!tone) {
    if (text === '') throw new UsageError(`--play is empty; it should be ${PLAY_FORMS}`);
    return { kind: 'file', path: text };
  }
  const frequencyHz = Number(tone[1]);
  if (!(frequencyHz > 0 && frequencyHz <= HIGHEST_TONE_HZ) || tone[1] === '') {
    throw new UsageError(`--play ${text}: "${tone[1]}" is not a frequency from 1 to ${HIGHEST_TONE_HZ} Hz`);
  }
  return { kind: 'tone', frequencyHz };
}

/** For help texts. */
export const PLAY_FORMS = 'FILE (WAV or Ogg Opus), tone:HERTZ, mic, speech or silence';

/** Opens what `--play` names, once; a file is read and checked here, before anything rings. */
export async function prepareSource(option: PlayOption): Promise<MakeSource> {
  switch (option.kind) {
    case 'silence':
      return () => new SilenceSource();
    case 'speech': {
      let calls = 0;
      return () => {
        calls += 1;
        return new SpeechLikeSource(calls);
      };
    }
    case 'tone':
      return () => new ToneSource(option.frequencyHz);
    case 'mic': {
      const microphone = await MicrophoneSource.open();
      return Object.assign(() => microphone, { close: () => microphone.close() });
    }
    case 'file': {
      const sound = await openFileSound(option.path, `--play ${option.path}`);
      let opened: readonly FileSource[] = [];
      const open = () => {
        // A phone that is not stereo mixes it down as it sends.
        const source = sound.source();
        opened = [...opened.filter(({ isEnded }) => !isEnded), source];
        return source;
      };
      const close = () => {
        for (const source of opened) source.close?.();
      };
      return Object.assign(open, { close });
    }
  }
}

/**
 * Checks what `--record` names, before anything rings. The first call writes FILE.wav, the second FILE-2.wav, and so on.
 *
 * @throws UsageError where nothing can be written there
 */
export async function prepareSink(text: string | undefined): Promise<MakeSink> {
  if (text === undefined) return async () => undefined;
  if (text === '') throw new UsageError('--record is empty; it should be FILE.wav or speaker');
  if (text === 'speaker') return (_rateHz, channels) => SpeakerSink.open(undefined, channels);
  await access(dirname(text), constants.W_OK).catch((error: unknown) => {
    throw new UsageError(
      `--record ${text}: the file cannot be written (${messageOf(error)}); name one in a folder that exists and is yours`,
      { cause: error },
    );
  });
  let calls = 0;
  return (sampleRateHz, channels) => {
    calls += 1;
    return WavRecorder.open(numbered(text, calls), sampleRateHz, channels);
  };
}

function numbered(path: string, call: number): string {
  if (call === 1) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${call}${extension}`;
}

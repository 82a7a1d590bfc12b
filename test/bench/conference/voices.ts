// What members say: made and encoded before anything is measured.
import { silentLog } from '../../../core/index.ts';
import { levelDbov, loadCodecs, SpeechLikeSource } from '../../../media/index.ts';

/** One member's packets, over and over. */
export interface Voice {
  readonly payloads: readonly Uint8Array[];
  /** Of each, as RFC 6464 has it: voice bit and level. */
  readonly levels: readonly number[];
  /** A packet every so many frames: 1, but for who sends next to nothing in silence (DTX). */
  readonly everyFrames: number;
}

const FRAMES = 960;
const LOOP_FRAMES = 250;
/** Pauses are cut out of speech, so that the talkers talk all the time. */
const PAUSE_DBOV = -45;
/** RFC 7587 §3.1.3: in DTX a frame every 400 ms. */
const DTX_FRAMES = 20;
const ROOM_NOISE = 8;

export async function makeTalker(seed: number): Promise<Voice> {
  const source = new SpeechLikeSource(seed);
  return encoded((pcm) => {
    do source.read(pcm);
    while (levelDbov(pcm) < PAUSE_DBOV);
  }, true);
}

/** The noise of a quiet room, some -75 dBov, 50 times a second. */
export function makeSilence(): Promise<Voice> {
  let seed = 1;
  return encoded((pcm) => {
    for (let i = 0; i < pcm.length; i += 1) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
      pcm[i] = Math.round((seed / 2 ** 31) * ROOM_NOISE);
    }
  }, false);
}

/** The same from a phone with DTX: one packet of a byte, every 400 ms. */
export async function makeDtx(): Promise<Voice> {
  const { payloads } = await makeSilence();
  return {
    payloads: payloads.map((payload) => payload.slice(0, 1)),
    levels: payloads.map(() => 127),
    everyFrames: DTX_FRAMES,
  };
}

async function encoded(read: (pcm: Int16Array) => void, isVoice: boolean): Promise<Voice> {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const description = codecs.find('opus');
  if (!description) throw new Error('there is no Opus here');
  const codec = await codecs.create(description);
  const pcm = new Int16Array(FRAMES);
  const [payloads, levels]: [Uint8Array[], number[]] = [[], []];
  for (let i = 0; i < LOOP_FRAMES; i += 1) {
    read(pcm);
    payloads.push(codec.encode(pcm).slice());
    levels.push((isVoice ? 0x80 : 0) | Math.round(-levelDbov(pcm)));
  }
  codec.close();
  return { payloads, levels, everyFrames: 1 };
}

// Codecs: what 20 ms of each cost, engine by engine, and what Opus' FEC is worth at 10 % loss.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SeededRandom, silentLog } from '../../core/index.ts';
import {
  type Codec,
  codecNames,
  FRAME_MS,
  loadCodecs,
  type OpusEngine,
  opusDescription,
  opusEngines,
  parseWav,
  remix,
  resample,
  SpeechLikeSource,
} from '../../media/index.ts';
import { type FecGain, measureFecGain } from './opus-fec.ts';
import { formatNumber } from './report.ts';

const SPEECH_SECONDS = 20;
const LOSS_RATIO = 0.1;
const LOSS_ROUNDS = 12;
const FEC_GAIN_TARGET_DB = 5;
const SEED = 1;
const RECORDINGS = ['visqol/CA01_01.wav', 'pjsua/input.48.wav', 'talking.wav'] as const;

/** The package opusscript has no call for it. */
const ENGINES_WITH_FEC = opusEngines.filter((engine) => engine !== 'opusscript');

type MakeCodec = () => Promise<Codec>;

/** @returns whether FEC brings lost frames as much nearer than concealment as it should, by every engine that has it */
export async function benchCodec(): Promise<boolean> {
  process.stdout.write(`\nCodecs: microseconds for ${FRAME_MS} ms of speech\n`);
  process.stdout.write(row(['', 'encode', 'decode', 'conceal']));
  for (const name of codecNames) {
    for (const engine of name === 'opus' ? opusEngines : [undefined]) {
      const create = await makerOf(name, engine);
      const label = engine ? `${name}, ${engine}` : name;
      process.stdout.write(row([label, ...(create ? await measureCost(create) : ['not installed'])]));
    }
  }
  return await benchFec();
}

async function makerOf(name: (typeof codecNames)[number], opusEngine?: OpusEngine) {
  const codecs = await loadCodecs({
    log: silentLog,
    names: [name],
    ...(opusEngine === undefined ? {} : { opusEngine }),
  });
  const description = codecs.find(name);
  return description && (() => codecs.create(description));
}

/** Encode, decode, conceal: half the frames take at most so many microseconds, whatever else the machine does. */
async function measureCost(create: MakeCodec): Promise<string[]> {
  const codec = await create();
  const { sampleRateHz, soundChannels = 1 } = codec.description;
  const sampleCount = (sampleRateHz * FRAME_MS) / 1000;
  const length = sampleCount * soundChannels;
  const speech = speechLike(sampleRateHz * soundChannels);
  const payloads: Uint8Array[] = [];
  const costs: Record<'encode' | 'decode' | 'conceal', number[]> = { encode: [], decode: [], conceal: [] };
  for (let at = 0; at + length <= speech.length; at += length) {
    const frame = speech.subarray(at, at + length);
    costs.encode.push(milliseconds(() => payloads.push(codec.encode(frame))));
  }
  for (const payload of payloads) costs.decode.push(milliseconds(() => codec.decode(payload)));
  for (const payload of payloads) {
    codec.decode(payload);
    // The first frame of a gap: later ones cost less.
    costs.conceal.push(milliseconds(() => codec.conceal(sampleCount)));
  }
  codec.close();
  return Object.values(costs).map((each) => formatNumber(median(each) * 1000));
}

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function benchFec(): Promise<boolean> {
  process.stdout.write(`\nOpus at ${LOSS_RATIO * 100} % random loss: signal over error on the lost frames\n`);
  let isMet = true;
  for (const [name, speech] of speeches()) {
    for (const engine of ENGINES_WITH_FEC) {
      const create = await makerOf('opus', engine);
      if (!create) continue;
      const losses = { random: new SeededRandom(SEED), lossRatio: LOSS_RATIO, rounds: LOSS_ROUNDS };
      const gain = await measureFecGain({ create, speech, ...losses });
      const isEnough = gain.gainDb >= FEC_GAIN_TARGET_DB;
      process.stdout.write(`  ${name}, ${engine}: ${describeGain(gain)}${isEnough ? '' : ' MISSED'}\n`);
      isMet &&= isEnough;
    }
  }
  return isMet;
}

function describeGain(gain: FecGain): string {
  const won = `${gain.fecSnrDb.toFixed(1)} dB with FEC, ${gain.concealmentSnrDb.toFixed(1)} dB concealed`;
  const recovered = `${Math.round(gain.recoveredRatio * 100)} % of ${gain.lostFrames} recovered`;
  return `${won}: ${gain.gainDb.toFixed(1)} dB nearer, at least ${FEC_GAIN_TARGET_DB} wanted; ${recovered}`;
}

function* speeches(): Generator<[string, Int16Array]> {
  yield ['syllables', speechLike(opusDescription.sampleRateHz)];
  const folder = resolve(process.env.PATCHCORD_DATA ?? '../shared/data', 'speech');
  if (!existsSync(folder)) return;
  const recordings = RECORDINGS.map((name) => {
    const sound = parseWav(readFileSync(resolve(folder, name)), name);
    return resample(remix(sound.pcm, sound.channels, 1), sound.sampleRateHz, opusDescription.sampleRateHz);
  });
  yield ['recorded speech', Int16Array.from(recordings.flatMap((pcm) => [...pcm]))];
}

function speechLike(sampleRateHz: number): Int16Array {
  const pcm = new Int16Array(SPEECH_SECONDS * sampleRateHz);
  new SpeechLikeSource(SEED, sampleRateHz).read(pcm);
  return pcm;
}

function row([label = '', ...cells]: readonly string[]): string {
  return `  ${label.padEnd(22)}${cells.map((cell) => cell.padStart(10)).join('')}\n`;
}

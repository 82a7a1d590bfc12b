// One call from a phone behind one NAT to a phone behind another, a tone each way.
import type { CallReport } from '../../../softphone/index.ts';
import type { PhoneRun } from '../../support/peers/patchcord.ts';
import {
  longestWithoutTone,
  readWav,
  slice,
  toneSeconds,
  type WavSound,
} from '../../support/peers/recording.ts';

const SIDES = ['caller', 'callee'] as const;
export type CallSide = (typeof SIDES)[number];

/** What each plays, in Hz. */
const TONES: Readonly<Record<CallSide, number>> = { caller: 440, callee: 700 };

/** Where a phone is, and its user. */
export interface CallPlace {
  readonly options: { readonly name: string };
}

/** What a call needs of a lab. */
export interface CallLab<Place extends CallPlace> {
  path(name: string): string;
  phone(command: string, place: Place, args: readonly string[]): PhoneRun;
}

export interface NatCallOptions<Place extends CallPlace> {
  readonly caller: Place;
  readonly callee: Place;
  readonly durationSeconds: number;
  /** More options of the caller's. */
  readonly callerArgs?: readonly string[];
}

/** A call that goes on. */
export class NatCall {
  readonly #runs: Readonly<Record<CallSide, PhoneRun>>;
  readonly #recordings: Readonly<Record<CallSide, string>>;

  /** Registers the callee, and calls it. Resolves when it has answered. */
  static async start<Place extends CallPlace>(
    lab: CallLab<Place>,
    options: NatCallOptions<Place>,
  ): Promise<NatCall> {
    const { caller, callee, durationSeconds, callerArgs = [] } = options;
    const name = `${caller.options.name}-${callee.options.name}`;
    const recordings = { caller: lab.path(`${name}-caller.wav`), callee: lab.path(`${name}-callee.wav`) };
    const argsOf = (side: CallSide) => {
      // G.711 costs the machine next to nothing: many calls at once keep their time.
      return ['--codec', 'pcmu', '--play', `tone:${TONES[side]}`, '--record', recordings[side]];
    };
    const answering = lab.phone('answer', callee, ['--once', ...argsOf('callee')]);
    await answering.process.waitForLog(/registered as/);
    const duration = ['--duration', `${durationSeconds}`];
    const callingArgs = [callee.options.name, ...argsOf('caller'), ...duration, ...callerArgs];
    const calling = lab.phone('call', caller, callingArgs);
    await calling.process.waitForLog(/ answered, /);
    return new NatCall({ caller: calling, callee: answering }, recordings);
  }

  private constructor(runs: Record<CallSide, PhoneRun>, recordings: Record<CallSide, string>) {
    this.#runs = runs;
    this.#recordings = recordings;
  }

  /** Waits for both sides to be over with it. */
  async finished(): Promise<Readonly<Record<CallSide, FinishedSide>>> {
    const [caller, callee] = await Promise.all([this.#finish('caller'), this.#finish('callee')]);
    return { caller, callee };
  }

  async #finish(side: CallSide): Promise<FinishedSide> {
    const run = this.#runs[side];
    const { status, reports } = await run.result();
    const [report] = reports;
    if (!report) throw new Error(`the ${side} reported no call\n${run.process.log.slice(-2000)}`);
    const toneHz = TONES[side === 'caller' ? 'callee' : 'caller'];
    return new FinishedSide({ status, report, sound: readWav(this.#recordings[side]), toneHz });
  }
}

/** What one side made of a call. */
export class FinishedSide {
  readonly status: number | null;
  readonly report: CallReport;
  readonly #sound: WavSound;
  readonly #toneHz: number;

  constructor(parts: { status: number | null; report: CallReport; sound: WavSound; toneHz: number }) {
    this.status = parts.status;
    this.report = parts.report;
    this.#sound = parts.sound;
    this.#toneHz = parts.toneHz;
  }

  /** Seconds in which the far end's tone was plainly there. */
  get heardSeconds(): number {
    return toneSeconds(this.#sound, this.#toneHz);
  }

  /** From the answer, when recording begins, to the first sound. */
  get firstSoundMs(): number {
    const first = this.#sound.samples.findIndex((sample) => Math.abs(sample) > AUDIBLE);
    return Math.round((first * 1000) / this.#sound.sampleRateHz);
  }

  /** The longest silence between these moments of the recording. */
  gapSeconds(fromSeconds: number, toSeconds: number): number {
    const gap = longestWithoutTone(slice(this.#sound, fromSeconds, toSeconds), this.#toneHz);
    return Math.round(10 * (gap.toSeconds - gap.fromSeconds)) / 10;
  }
}

/** Of 32,768: above any noise that a codec makes of silence. */
const AUDIBLE = 500;

// One call from a phone behind one NAT to a phone behind another, a tone each way.
import type { CallReport } from '../../../softphone/index.ts';
import type { PhoneRun } from '../../support/peers/patchcord.ts';
import { readWav, type WavSound } from '../../support/peers/recording.ts';
import type { Home } from './home.ts';
import type { NatLab } from './lab.ts';

/** What each plays, in Hz. */
export const CALLER_TONE = 440;
export const CALLEE_TONE = 700;

export interface NatCallOptions {
  readonly caller: Home;
  readonly callee: Home;
  readonly durationSeconds: number;
}

/** What one side made of the call. */
export interface SideOfCall {
  readonly status: number | null;
  readonly report: CallReport;
  readonly heard: WavSound;
}

export interface FinishedNatCall {
  readonly caller: SideOfCall;
  readonly callee: SideOfCall;
}

/** A call that goes on. */
export class NatCall {
  readonly #calling: PhoneRun;
  readonly #answering: PhoneRun;
  readonly #heard: Readonly<Record<'caller' | 'callee', string>>;

  /** Registers the callee, then calls. Resolves while the call is being set up. */
  static async start(lab: NatLab, { caller, callee, durationSeconds }: NatCallOptions): Promise<NatCall> {
    const name = `${caller.options.name}-${callee.options.name}`;
    const heard = { caller: lab.path(`${name}-caller.wav`), callee: lab.path(`${name}-callee.wav`) };
    // G.711 costs no time of the machine: many calls at once keep theirs.
    const sound = (tone: number, path: string) => [
      '--codec',
      'pcmu',
      '--play',
      `tone:${tone}`,
      '--record',
      path,
    ];
    const answering = lab.phone('answer', callee, ['--once', ...sound(CALLEE_TONE, heard.callee)]);
    await answering.process.waitForLog(/registered as/);
    const duration = ['--duration', `${durationSeconds}`];
    const calling = lab.phone('call', caller, [
      callee.options.name,
      ...sound(CALLER_TONE, heard.caller),
      ...duration,
    ]);
    return new NatCall({ calling, answering, heard });
  }

  private constructor(parts: {
    calling: PhoneRun;
    answering: PhoneRun;
    heard: Record<'caller' | 'callee', string>;
  }) {
    this.#calling = parts.calling;
    this.#answering = parts.answering;
    this.#heard = parts.heard;
  }

  /** Waits for both sides to be over with it. */
  async finished(): Promise<FinishedNatCall> {
    const [caller, callee] = await Promise.all([
      sideOf(this.#calling, this.#heard.caller),
      sideOf(this.#answering, this.#heard.callee),
    ]);
    return { caller, callee };
  }
}

async function sideOf(run: PhoneRun, path: string): Promise<SideOfCall> {
  const { status, reports } = await run.result();
  const [report] = reports;
  if (!report) throw new Error(`the phone reported no call\n${run.process.log.slice(-2000)}`);
  return { status, report, heard: readWav(path) };
}

// Calls by sipp through our server: one side calls, the other answers.
import { cpuSeconds } from '../support/peers/cpu-time.ts';
import { type SippResult, type SippRun, sippCredentials, startSipp } from '../support/peers/sipp.ts';

export const CALLER = 'alice';
export const CALLEE = 'bob';
/** Called by a second load while the first one goes on. */
export const SECOND_CALLEE = 'carol';
export const PASSWORD = 'correct-horse';

export interface CallLoadOptions {
  readonly calls: number;
  /** New calls a second. */
  readonly rate: number;
  /** Calls at the same time. */
  readonly limit: number;
  /** How long each lasts, with RTP both ways. */
  readonly durationMs: number;
  /** {@link CALLEE} where not given. */
  readonly callee?: string;
}

/** Calls that are under way. */
export class CallLoad {
  readonly #calling: SippRun;
  readonly #answering: SippRun;

  private constructor(runs: { calling: SippRun; answering: SippRun }) {
    this.#calling = runs.calling;
    this.#answering = runs.answering;
  }

  /** Registers the callee, then starts calling. */
  static async start(server: { readonly address: string }, options: CallLoadOptions): Promise<CallLoad> {
    const { callee = CALLEE } = options;
    const answering = await startSipp({ scenario: 'uas', calls: options.calls });
    const contact = `<sip:${callee}@127.0.0.1:${answering.port}>`;
    const credentials = sippCredentials(callee, PASSWORD);
    const registering = await startSipp({
      scenario: 'register',
      remote: server.address,
      calls: 1,
      users: [[callee, credentials, contact]],
    });
    const { successful, errors } = await registering.result();
    if (successful !== 1) throw new Error(`the callee cannot register: ${errors}`);
    const calling = await startSipp({
      scenario: 'uac',
      remote: server.address,
      ...options,
      users: [[CALLER, sippCredentials(CALLER, PASSWORD), callee]],
    });
    return new CallLoad({ calling, answering });
  }

  /** CPU seconds that the load has taken so far. */
  cpuSeconds(): number {
    return cpuSeconds(this.#calling.pid) + cpuSeconds(this.#answering.pid);
  }

  /** Waits until all calls are over. */
  async result(timeoutMs: number): Promise<SippResult> {
    try {
      return await this.#calling.result(timeoutMs);
    } finally {
      await this.#answering.stop();
    }
  }
}

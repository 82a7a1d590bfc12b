// The calls of a phone that are not over, and the sounds that are about to become calls.
import { type Log, OperationError } from '../core/index.ts';
import type { CallSound } from './call-sounds.ts';
import type { PhoneCall } from './phone-call.ts';
import type { QualityPublisher } from './quality-publisher.ts';
import type { IncomingDataCall } from './secure/data-call.ts';

/** Takes no more calls once it is told to close. */
export class OpenCalls {
  /** Told of the quality of each call at its end. */
  publisher: QualityPublisher | undefined;
  readonly #log: Log;
  readonly #calls = new Set<PhoneCall>();
  readonly #dataCalls = new Set<IncomingDataCall>();
  /** Of calls that are about to be placed. */
  readonly #openings = new Set<Promise<CallSound>>();
  #isClosing = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Those with sound. */
  get calls(): readonly PhoneCall[] {
    return [...this.#calls];
  }

  get size(): number {
    return this.#calls.size + this.#dataCalls.size;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** @throws OperationError `SOFTPHONE_CLOSED` */
  checkOpen(): void {
    if (this.#isClosing) throw closedError();
  }

  /** @throws OperationError also where the phone is closed meanwhile; then the sound is closed, too */
  async openSound(open: () => Promise<CallSound>): Promise<CallSound> {
    const opening = open().then(async (sound) => {
      if (!this.#isClosing) return sound;
      await sound.media.close();
      throw closedError();
    });
    this.#openings.add(opening);
    return opening.finally(() => this.#openings.delete(opening));
  }

  /** @returns the call */
  keep<Call extends PhoneCall>(call: Call): Call {
    this.#calls.add(call);
    void call.finished.then((report) => {
      this.#calls.delete(call);
      this.publisher?.publish(report, call.soundAddresses).catch((error: unknown) => {
        // A fault of ours costs the report alone.
        this.#log.error({ callId: report.callId, err: error }, 'the quality of a call was not reported');
      });
    });
    return call;
  }

  /** @returns the call */
  keepData(call: IncomingDataCall): IncomingDataCall {
    this.#dataCalls.add(call);
    void call.finished.then(() => this.#dataCalls.delete(call));
    return call;
  }

  /** Hangs up whatever there is. */
  close(): void {
    this.#isClosing = true;
    for (const call of [...this.#calls, ...this.#dataCalls]) call.hangUp();
  }

  /** Resolves when nothing is open any more. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#openings]);
    await Promise.all(this.calls.map((call) => call.finished));
  }
}

function closedError(): OperationError {
  return new OperationError('SOFTPHONE_CLOSED', 'the phone was closed');
}

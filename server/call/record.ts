// Keeps the record of one call: opened once, closed once, whatever happens in between.
import type { PartyReport } from './party-facts.ts';
import type { CallDependencies, Disposition, LiveCall, OpenedRecord } from './types.ts';

/** What a call has come to so far. */
export class CallProgress {
  readonly #dependencies: Pick<CallDependencies, 'records' | 'runtime'>;
  readonly #opened: OpenedRecord;
  #lastDst: string;
  #callIds: readonly string[];
  #answer: number | null = null;
  #end: number | undefined;
  #status: number | null = null;
  #reason: string | undefined;
  #isClosed = false;

  constructor(
    dependencies: Pick<CallDependencies, 'records' | 'runtime'>,
    call: Omit<OpenedRecord, 'start'>,
  ) {
    this.#dependencies = dependencies;
    this.#opened = { ...call, start: this.#wallClock() };
    this.#lastDst = call.dst;
    this.#callIds = [call.callId];
    dependencies.records.open(this.#opened);
  }

  get isAnswered(): boolean {
    return this.#answer !== null;
  }

  /**
   * @param who - who answered: a user, a URI, or the name of a service
   * @param callId - of the SIP dialog with them; none with a service
   */
  answered(who: string, callId?: string): void {
    this.#lastDst = who;
    this.#answer = this.#wallClock();
    if (callId !== undefined) this.#callIds = [this.#opened.callId, callId];
    this.#dependencies.records.answered(this.#opened.uniqueid, this.#answer, { who, callId });
  }

  /** The call was refused before anybody answered. */
  failed(status: number, reason: string): void {
    this.#status ??= status;
    this.ended(reason);
  }

  /** The conversation is over; the first reason counts. */
  ended(reason: string): void {
    this.#reason ??= reason;
    this.#end ??= this.#wallClock();
  }

  /** The call as it stands. */
  live(quality: readonly PartyReport[]): LiveCall {
    return {
      ...this.#opened,
      lastDst: this.#lastDst,
      answer: this.#answer,
      callIds: this.#callIds,
      quality,
    };
  }

  /** Writes the record's end. */
  close(quality: readonly PartyReport[], recordings: readonly string[] = []): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#dependencies.records.close({
      uniqueid: this.#opened.uniqueid,
      lastDst: this.#lastDst,
      answer: this.#answer,
      end: this.#end ?? this.#wallClock(),
      disposition: this.#disposition(),
      status: this.#status,
      reason: this.#reason ?? 'the call ended',
      quality,
      callIds: this.#callIds,
      recordings,
    });
  }

  #disposition(): Disposition {
    if (this.#answer !== null) return 'ANSWERED';
    if (this.#status === 486 || this.#status === 600 || this.#status === 603) return 'BUSY';
    // The caller gave up, or nobody came to the phone.
    return this.#status === 487 || this.#status === 480 || this.#status === 408 ? 'NO ANSWER' : 'FAILED';
  }

  #wallClock(): number {
    return this.#dependencies.runtime.clock.wallClock();
  }
}

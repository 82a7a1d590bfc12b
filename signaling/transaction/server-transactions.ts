// The table of server transactions (RFC 3261 §17.2).
import { createResponse, type SipRequest, type SipResponse, serializeMessage } from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { responseDestination } from '../transport/via.ts';
import { ByteStore } from './byte-store.ts';
import { INVITE_SERVER_START } from './invite-server.ts';
import { NON_INVITE_SERVER_START } from './non-invite-server.ts';
import type { Emit } from './outputs.ts';
import { type ServerAction, type ServerInput, ServerRecord } from './server-record.ts';
import { T2, type WaitTimer } from './timers.ts';
import { TransactionClock } from './transaction-clock.ts';
import { mergeKey } from './transaction-key.ts';

export class ServerTransactions {
  readonly #emit: Emit;
  readonly #records = new Map<string, ServerRecord>();
  /** RFC 3261 §8.2.2.2: requests outside dialogs by what their copies have in common. */
  readonly #unmerged = new Map<string, ServerRecord>();
  readonly #responses = new ByteStore();
  readonly #clock = new TransactionClock<ServerRecord>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get size(): number {
    return this.#records.size;
  }

  find(key: string): ServerRecord | undefined {
    return this.#records.get(key);
  }

  /** Whether the request came before by another way, and is still remembered (RFC 3261 §8.2.2.2). */
  isMerged(merge: string | undefined): boolean {
    return merge !== undefined && this.#unmerged.has(merge);
  }

  nextTimeoutAt(): number | undefined {
    return this.#clock.nextAt();
  }

  /** Makes a transaction and passes its request to the TU. */
  open(now: number, key: string, received: { readonly request: SipRequest; readonly flow: Flow }): void {
    const { request, flow } = received;
    const start = request.method === 'INVITE' ? INVITE_SERVER_START : NON_INVITE_SERVER_START;
    const destination = responseDestination(request.topVia, flow);
    const record = new ServerRecord({ key, mergeKey: mergeKey(request), request, destination, start });
    this.#records.set(key, record);
    if (record.mergeKey !== undefined) this.#unmerged.set(record.mergeKey, record);
    this.#carryOut(now, record, start.actions);
    this.#emit({ kind: 'request', request, flow, transaction: record });
  }

  /** A retransmission of the request. */
  handleRetransmission(now: number, record: ServerRecord): void {
    this.#step(now, record, 'request');
  }

  /** @returns whether the ACK is now the TU's business */
  handleAck(now: number, record: ServerRecord): boolean {
    return this.#step(now, record, 'ack')?.includes('deliverAck') ?? false;
  }

  respond(now: number, record: ServerRecord, response: SipResponse): void {
    const { status } = response;
    const input = status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure';
    if (!record.step(input)) return;
    record.response = this.#responses.keep(serializeMessage(response));
    if (record.isInvite) record.localTag = response.toTag ?? record.localTag;
    this.#step(now, record, input);
    if (!record.isFinished) return;
    record.request = undefined;
    // A final response to another method needs nobody any more; one to INVITE still waits for its ACK.
    if (!record.isInvite) record.user = undefined;
  }

  /** Sends a final response and forgets the transaction: a retransmission is a new request (RFC 3261 §8.2.7). */
  respondAndForget(record: ServerRecord, response: SipResponse): void {
    if (record.isFinished) return;
    const bytes = serializeMessage(response);
    this.#emit({ kind: 'send', bytes, flow: record.destination, transaction: undefined });
    record.state = 'terminated';
    this.#remove(record);
  }

  handleTransportError(now: number, record: ServerRecord): void {
    this.#step(now, record, 'transportError');
  }

  handleTimeout(now: number): void {
    // Cast: a transaction starts only timers that its own table names.
    this.#clock.fireDue(now, (record, timer) => this.#step(now, record, timer as ServerInput));
  }

  /** Forgets everything, in silence. */
  clear(): void {
    for (const record of this.#records.values()) {
      record.state = 'terminated';
      this.#clock.stop(record);
    }
    this.#records.clear();
    this.#unmerged.clear();
  }

  #step(now: number, record: ServerRecord, input: ServerInput): readonly ServerAction[] | undefined {
    const step = record.step(input);
    if (!step) return undefined;
    record.state = step.state;
    this.#carryOut(now, record, step.actions);
    if (record.state === 'terminated') this.#remove(record);
    return step.actions;
  }

  #startWait(now: number, record: ServerRecord, timer: WaitTimer & ServerInput): void {
    if (!this.#clock.startWait(record, now, timer)) this.#step(now, record, timer);
  }

  #remove(record: ServerRecord): void {
    this.#clock.stop(record);
    if (this.#records.get(record.key) === record) this.#records.delete(record.key);
    if (record.mergeKey !== undefined && this.#unmerged.get(record.mergeKey) === record) {
      this.#unmerged.delete(record.mergeKey);
    }
    record.user = undefined;
    record.request = undefined;
  }

  #carryOut(now: number, record: ServerRecord, actions: readonly ServerAction[]): void {
    for (const action of actions) {
      switch (action) {
        case 'send':
        case 'resend':
          this.#sendResponse(record);
          break;
        case 'sendTrying':
          if (record.request) record.response = serializeMessage(createResponse(record.request, 100));
          this.#sendResponse(record);
          break;
        case 'reportTimeout':
          if (record.user) this.#emit({ kind: 'failure', reason: 'timeout', user: record.user });
          break;
        case 'reportTransportError':
          if (record.user) this.#emit({ kind: 'failure', reason: 'transport', user: record.user });
          break;
        case 'stopTimers':
          this.#clock.stop(record);
          break;
        case 'startTimerTrying':
          this.#clock.startTrying(record, now);
          break;
        case 'startTimerG':
          this.#clock.startRepeating(record, now, 'timerG');
          break;
        case 'repeatTimerG':
          this.#clock.repeat(record, now, 'timerG', T2);
          break;
        case 'startTimerF':
          this.#startWait(now, record, 'timerF');
          break;
        case 'startTimerH':
          this.#startWait(now, record, 'timerH');
          break;
        case 'startTimerI':
          this.#startWait(now, record, 'timerI');
          break;
        case 'startTimerJ':
          this.#startWait(now, record, 'timerJ');
          break;
        case 'startTimerL':
          this.#startWait(now, record, 'timerL');
          break;
        case 'deliverAck': // The caller has the ACK and passes it on.
          break;
      }
    }
  }

  #sendResponse(record: ServerRecord): void {
    if (!record.response) return;
    this.#emit({ kind: 'send', bytes: record.response, flow: record.destination, transaction: record });
  }
}

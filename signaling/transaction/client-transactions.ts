// The table of client transactions (RFC 3261 §17.1).
import { type HeaderField, type SipRequest, type SipResponse, serializeMessage } from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { type ClientAction, type ClientInput, ClientRecord } from './client-record.ts';
import { ackToFailure, cancelOf } from './derived-requests.ts';
import { INVITE_CLIENT_START } from './invite-client.ts';
import { NON_INVITE_CLIENT_START } from './non-invite-client.ts';
import type { ClientUser, Emit } from './outputs.ts';
import { T2, type WaitTimer } from './timers.ts';
import { TransactionClock } from './transaction-clock.ts';
import { clientKey } from './transaction-key.ts';

/** A request that is ready to leave: its top Via is ours. */
export interface OutgoingRequest {
  readonly request: SipRequest;
  /** The request as it was measured by whoever chose the transport. */
  readonly bytes: Uint8Array;
  /** Of the top Via. */
  readonly branch: string;
  readonly flow: Flow;
  /** Nobody where the outcome is of no interest. */
  readonly user: ClientUser | undefined;
}

export class ClientTransactions {
  readonly #emit: Emit;
  readonly #records = new Map<string, ClientRecord>();
  readonly #clock = new TransactionClock<ClientRecord>();
  /** Transactions that die with their connection. */
  readonly #byConnection = new Map<number, Set<ClientRecord>>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get size(): number {
    return this.#records.size;
  }

  nextTimeoutAt(): number | undefined {
    return this.#clock.nextAt();
  }

  send(now: number, outgoing: OutgoingRequest): ClientRecord {
    const { method } = outgoing.request;
    const start = method === 'INVITE' ? INVITE_CLIENT_START : NON_INVITE_CLIENT_START;
    const key = clientKey(outgoing.branch, method);
    const record = new ClientRecord({ ...outgoing, key, start });
    this.#records.set(key, record);
    this.#joinConnection(record);
    this.#carryOut(now, record, start.actions, undefined);
    return record;
  }

  /** @returns whether the response belongs to a transaction here */
  handleResponse(now: number, response: SipResponse, flow: Flow): boolean {
    const { branch, status } = response;
    if (branch === undefined) return false;
    const record = this.#records.get(clientKey(branch, response.cseq.method));
    if (!record) return false;
    const input = status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure';
    this.#step(now, record, input, { response, flow });
    if (record.wantedCancel && record.state === 'proceeding') this.cancel(now, record, record.wantedCancel);
    return true;
  }

  /** Cancels an INVITE: now, or as soon as a provisional response allows it (RFC 3261 §9.1). */
  cancel(now: number, record: ClientRecord, headers: readonly HeaderField[]): void {
    if (!record.isInvite || !record.isPending || record.isCancelSent) return;
    record.wantedCancel = headers;
    if (record.state !== 'proceeding') return;
    record.isCancelSent = true;
    record.wantedCancel = undefined;
    const request = cancelOf(record.request, headers);
    const branch = record.key.slice(0, record.key.lastIndexOf(';'));
    const bytes = serializeMessage(request);
    this.send(now, { request, bytes, branch, flow: record.flow, user: undefined });
    this.#step(now, record, 'cancelled');
  }

  handleTransportError(now: number, record: ClientRecord): void {
    this.#step(now, record, 'transportError');
  }

  handleConnectionLost(now: number, connectionId: number): void {
    for (const record of this.#byConnection.get(connectionId) ?? []) this.handleTransportError(now, record);
  }

  handleTimeout(now: number): void {
    // Cast: a transaction starts only timers that its own table names.
    this.#clock.fireDue(now, (record, timer) => this.#step(now, record, timer as ClientInput));
  }

  /** Forgets everything, in silence. */
  clear(): void {
    for (const record of this.#records.values()) {
      record.state = 'terminated';
      this.#clock.stop(record);
    }
    this.#records.clear();
    this.#byConnection.clear();
  }

  #step(
    now: number,
    record: ClientRecord,
    input: ClientInput,
    received?: { readonly response: SipResponse; readonly flow: Flow },
  ): void {
    const step = record.step(input);
    if (!step) return;
    record.state = step.state;
    this.#carryOut(now, record, step.actions, received);
    if (record.state === 'terminated') this.#remove(record);
  }

  #startWait(now: number, record: ClientRecord, timer: WaitTimer & ClientInput): void {
    if (!this.#clock.startWait(record, now, timer)) this.#step(now, record, timer);
  }

  #remove(record: ClientRecord): void {
    if (this.#records.get(record.key) === record) this.#records.delete(record.key);
    this.#clock.stop(record);
    record.user = undefined;
    const { connectionId } = record.flow;
    if (connectionId === undefined) return;
    const mates = this.#byConnection.get(connectionId);
    mates?.delete(record);
    if (mates?.size === 0) this.#byConnection.delete(connectionId);
  }

  #joinConnection(record: ClientRecord): void {
    const { connectionId } = record.flow;
    if (connectionId === undefined) return;
    const mates = this.#byConnection.get(connectionId);
    if (mates) mates.add(record);
    else this.#byConnection.set(connectionId, new Set([record]));
  }

  #carryOut(
    now: number,
    record: ClientRecord,
    actions: readonly ClientAction[],
    received: { readonly response: SipResponse; readonly flow: Flow } | undefined,
  ): void {
    for (const action of actions) {
      switch (action) {
        case 'send':
          this.#emit({ kind: 'send', bytes: record.bytes, flow: record.flow, transaction: record });
          break;
        case 'sendAck':
          if (received) record.ack ??= serializeMessage(ackToFailure(record.request, received.response));
          if (record.ack)
            this.#emit({ kind: 'send', bytes: record.ack, flow: record.flow, transaction: record });
          break;
        case 'deliver':
          if (received && record.user) this.#emit({ kind: 'response', user: record.user, ...received });
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
        case 'startTimerA':
          this.#clock.startRepeating(record, now, 'timerA');
          break;
        case 'repeatTimerA':
          this.#clock.repeat(record, now, 'timerA', Number.POSITIVE_INFINITY);
          break;
        case 'startTimerE':
          this.#clock.startRepeating(record, now, 'timerE');
          break;
        case 'repeatTimerE':
          this.#clock.repeat(record, now, 'timerE', T2);
          break;
        case 'repeatTimerEAtT2':
          this.#clock.repeatAfter(record, now, 'timerE', T2);
          break;
        case 'startTimerB':
          this.#startWait(now, record, 'timerB');
          break;
        case 'startTimerD':
          this.#startWait(now, record, 'timerD');
          break;
        case 'startTimerF':
          this.#startWait(now, record, 'timerF');
          break;
        case 'startTimerK':
          this.#startWait(now, record, 'timerK');
          break;
        case 'startTimerM':
          this.#startWait(now, record, 'timerM');
          break;
      }
    }
  }
}

// The table of client transactions (RFC 3261 §17.1).
import { DeadlineQueue } from '../../core/index.ts';
import { type HeaderField, type SipRequest, type SipResponse, serializeMessage } from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { type ClientAction, type ClientInput, ClientRecord } from './client-record.ts';
import { ackToFailure, cancelOf } from './derived-requests.ts';
import { INVITE_CLIENT_START } from './invite-client.ts';
import { NON_INVITE_CLIENT_START } from './non-invite-client.ts';
import type { ClientUser, Emit } from './outputs.ts';
import { T2 } from './timers.ts';
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
  readonly #deadlines = new DeadlineQueue<ClientRecord>();
  /** Transactions that die with their connection. */
  readonly #byConnection = new Map<number, Set<ClientRecord>>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get size(): number {
    return this.#records.size;
  }

  nextTimeoutAt(): number | undefined {
    return this.#deadlines.nextAt();
  }

  send(now: number, outgoing: OutgoingRequest): ClientRecord {
    const { method } = outgoing.request;
    const start = method === 'INVITE' ? INVITE_CLIENT_START : NON_INVITE_CLIENT_START;
    const key = clientKey(outgoing.branch, method);
    const record = new ClientRecord({ ...outgoing, key, start });
    this.#records.set(key, record);
    this.#joinConnection(record);
    this.#carryOut(now, record, start.actions, undefined);
    this.#settle(now, record);
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
    for (let record = this.#deadlines.takeDue(now); record; record = this.#deadlines.takeDue(now)) {
      this.#settle(now, record);
    }
  }

  /** Forgets everything, in silence. */
  clear(): void {
    for (const record of this.#records.values()) this.#deadlines.clear(record);
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
    this.#settle(now, record);
  }

  /** Fires what is due, zero waits included, then arms the next timer or lets the transaction go. */
  #settle(now: number, record: ClientRecord): void {
    while (record.state !== 'terminated') {
      const timer = record.takeDueTimer(now);
      if (timer === undefined) break;
      // Cast: a client transaction starts only timers that its own table names.
      const step = record.step(timer as ClientInput);
      if (!step) continue;
      record.state = step.state;
      this.#carryOut(now, record, step.actions, undefined);
    }
    if (record.state === 'terminated') this.#remove(record);
    else {
      const at = record.nextTimerAt();
      this.#deadlines.set(record, at === Number.POSITIVE_INFINITY ? undefined : at);
    }
  }

  #remove(record: ClientRecord): void {
    if (this.#records.get(record.key) === record) this.#records.delete(record.key);
    this.#deadlines.clear(record);
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
          record.stopTimers();
          break;
        case 'startTimerA':
          record.startRepeating(now, 'timerA');
          break;
        case 'repeatTimerA':
          record.repeat(now, 'timerA', Number.POSITIVE_INFINITY);
          break;
        case 'startTimerE':
          record.startRepeating(now, 'timerE');
          break;
        case 'repeatTimerE':
          record.repeat(now, 'timerE', T2);
          break;
        case 'repeatTimerEAtT2':
          record.repeatAfter(now, 'timerE', T2);
          break;
        case 'startTimerB':
          record.startWait(now, 'timerB');
          break;
        case 'startTimerD':
          record.startWait(now, 'timerD');
          break;
        case 'startTimerF':
          record.startWait(now, 'timerF');
          break;
        case 'startTimerK':
          record.startWait(now, 'timerK');
          break;
        case 'startTimerM':
          record.startWait(now, 'timerM');
          break;
      }
    }
  }
}

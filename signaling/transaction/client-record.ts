// What is remembered of one client transaction.
import type { HeaderField, SipRequest } from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import {
  INVITE_CLIENT,
  type InviteClientAction,
  type InviteClientInput,
  type InviteClientState,
} from './invite-client.ts';
import {
  NON_INVITE_CLIENT,
  type NonInviteClientAction,
  type NonInviteClientInput,
  type NonInviteClientState,
} from './non-invite-client.ts';
import type { ClientUser } from './outputs.ts';
import type { Step } from './step-table.ts';
import { TransactionTimers } from './transaction-clock.ts';

export type ClientState = InviteClientState | NonInviteClientState;
export type ClientInput = InviteClientInput | NonInviteClientInput;
export type ClientAction = InviteClientAction | NonInviteClientAction;

type ClientTable = Readonly<
  Partial<Record<ClientState, Readonly<Partial<Record<ClientInput, Step<ClientState, ClientAction>>>>>>
>;

const TABLES: readonly [nonInvite: ClientTable, invite: ClientTable] = [NON_INVITE_CLIENT, INVITE_CLIENT];

/** One client transaction. */
export class ClientRecord extends TransactionTimers<ClientRecord> {
  readonly key: string;
  readonly isInvite: boolean;
  readonly flow: Flow;
  readonly request: SipRequest;
  /** The request, serialized once. */
  readonly bytes: Uint8Array;
  state: ClientState;
  /** The ACK to a final response other than 2xx, serialized once. */
  ack: Uint8Array | undefined;
  user: ClientUser | undefined;
  /** Header fields of a CANCEL that waits for a provisional response (RFC 3261 §9.1). */
  wantedCancel: readonly HeaderField[] | undefined;
  isCancelSent = false;

  constructor(options: {
    readonly key: string;
    readonly request: SipRequest;
    readonly bytes: Uint8Array;
    readonly flow: Flow;
    readonly user: ClientUser | undefined;
    readonly start: Step<ClientState, ClientAction>;
  }) {
    super(options.flow.protocol !== 'udp');
    this.key = options.key;
    this.isInvite = options.request.method === 'INVITE';
    this.flow = options.flow;
    this.request = options.request;
    this.bytes = options.bytes;
    this.state = options.start.state;
    this.ack = undefined;
    this.user = options.user;
    this.wantedCancel = undefined;
  }

  /** Whether no final response has come yet. */
  get isPending(): boolean {
    return this.state === 'calling' || this.state === 'trying' || this.state === 'proceeding';
  }

  /** What an input does now; undefined where it is to be ignored. */
  step(input: ClientInput): Step<ClientState, ClientAction> | undefined {
    return TABLES[this.isInvite ? 1 : 0][this.state]?.[input];
  }
}

// What is remembered of one server transaction.
import type { SipRequest } from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { DEFAULT_SIP_PORT } from '../transport/via.ts';
import {
  INVITE_SERVER,
  type InviteServerAction,
  type InviteServerInput,
  type InviteServerState,
} from './invite-server.ts';
import {
  NON_INVITE_SERVER,
  type NonInviteServerAction,
  type NonInviteServerInput,
  type NonInviteServerState,
} from './non-invite-server.ts';
import type { ServerUser } from './outputs.ts';
import type { Step } from './step-table.ts';
import { TransactionTimers } from './transaction-clock.ts';

export type ServerState = InviteServerState | NonInviteServerState;
export type ServerInput = InviteServerInput | NonInviteServerInput;
export type ServerAction = InviteServerAction | NonInviteServerAction;

type ServerTable = Readonly<
  Partial<Record<ServerState, Readonly<Partial<Record<ServerInput, Step<ServerState, ServerAction>>>>>>
>;

const TABLES: readonly [nonInvite: ServerTable, invite: ServerTable] = [NON_INVITE_SERVER, INVITE_SERVER];

/**
 * One server transaction. After the final response little is left of it: its key, where the response goes, and the
 * response as bytes; there may be hundreds of thousands that wait out timer J.
 */
export class ServerRecord extends TransactionTimers<ServerRecord> {
  readonly key: string;
  readonly mergeKey: string | undefined;
  readonly isInvite: boolean;
  /** Where responses go (RFC 3261 §18.2.2). */
  readonly destination: Flow;
  /** Port of the top Via: where its sender listens, should its connection be gone. */
  readonly sentByPort: number;
  state: ServerState;
  /** The request, until a final response has been sent. */
  request: SipRequest | undefined;
  /** The last response, serialized once. */
  response: Uint8Array | undefined;
  /** To tag of the last response to an INVITE. */
  localTag: string | undefined;
  user: ServerUser | undefined;
  isCancelled = false;

  constructor(options: {
    readonly key: string;
    readonly mergeKey: string | undefined;
    readonly request: SipRequest;
    readonly destination: Flow;
    readonly start: Step<ServerState, ServerAction>;
  }) {
    super(options.destination.protocol !== 'udp');
    this.key = options.key;
    this.mergeKey = options.mergeKey;
    this.isInvite = options.request.method === 'INVITE';
    this.destination = options.destination;
    this.sentByPort = options.request.topVia.port || DEFAULT_SIP_PORT;
    this.state = options.start.state;
    this.request = options.request;
    this.response = undefined;
    this.localTag = undefined;
    this.user = undefined;
  }

  /** Whether a final response was sent, or can no longer be sent. */
  get isFinished(): boolean {
    return this.state !== 'trying' && this.state !== 'proceeding';
  }

  /** What an input does now; undefined where it is to be ignored. */
  step(input: ServerInput): Step<ServerState, ServerAction> | undefined {
    return TABLES[this.isInvite ? 1 : 0][this.state]?.[input];
  }
}

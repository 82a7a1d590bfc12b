// Asks servers questions by name, through several sockets, and keeps what they said.
import { DecodeError, type Endpoint, type Random } from '../../core/index.ts';
import {
  ATTRIBUTE,
  decodeStun,
  METHOD,
  StunClientTransactions,
  type StunMessage,
  type StunOutcome,
  type StunTiming,
  StunWriter,
  TRANSACTION_ID_BYTES,
} from '../stun/index.ts';
import { addChangeRequest, addResponsePort, type ChangeRequest } from './change-request.ts';

/** A socket of ours, numbered by whoever bound it. */
export type ProbeSocket = number;

/** One question: where from, where to, and from where and where to the answer is to come. */
export interface Probe<Name> extends StunTiming {
  readonly name: Name;
  readonly socket: ProbeSocket;
  readonly remote: Endpoint;
  readonly change?: ChangeRequest;
  /** Who answers, where {@link change} moves that. */
  readonly responder?: Endpoint;
  readonly responsePort?: number;
  /** Which socket the answer arrives at; `socket` where not given. */
  readonly arrivesAt?: ProbeSocket;
}

export type ProbeAnswer =
  | {
      readonly type: 'answered';
      readonly mapped: Endpoint | undefined;
      readonly otherAddress: Endpoint | undefined;
      readonly roundTripMs: number | null;
    }
  | { readonly type: 'refused'; readonly code: number }
  | { readonly type: 'silent' };

export interface ProbeDatagram {
  readonly socket: ProbeSocket;
  readonly bytes: Uint8Array;
  readonly remote: Endpoint;
}

/** Sans-I/O. A question of the same name takes the place of the one before. */
export class Prober<Name> {
  readonly #random: Random;
  readonly #transactions = new StunClientTransactions<Probe<Name>>();
  readonly #answers = new Map<Name, ProbeAnswer>();
  readonly #keys = new Map<Name, string>();
  /** When the last request of each question left. */
  readonly #sentAt = new Map<Name, number>();
  /** While a datagram is handled: the socket that it came in at. */
  #arrivedAt: ProbeSocket | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Questions without an answer yet. */
  get pendingCount(): number {
    return this.#transactions.size;
  }

  isPending(name: Name): boolean {
    return this.#keys.has(name);
  }

  answer(name: Name): ProbeAnswer | undefined {
    return this.#answers.get(name);
  }

  /** @returns undefined where nobody answered, or not with an address */
  mapped(name: Name): Endpoint | undefined {
    const answer = this.#answers.get(name);
    return answer?.type === 'answered' ? answer.mapped : undefined;
  }

  isAnswered(name: Name): boolean {
    return this.#answers.get(name)?.type === 'answered';
  }

  /** When a mapping was last used by a question: from then on its lifetime counts. */
  sentAt(name: Name): number | undefined {
    return this.#sentAt.get(name);
  }

  ask(now: number, probe: Probe<Name>): void {
    this.cancel(probe.name);
    this.#answers.delete(probe.name);
    const { name, remote, responder, arrivesAt = probe.socket } = probe;
    const { rtoMs, requestCount, lastWaitFactor } = probe;
    const key = this.#transactions.start(now, {
      ...{ bytes: this.#write(probe), remote, context: probe },
      ...(responder ? { responder } : {}),
      ...(rtoMs === undefined ? {} : { rtoMs }),
      ...(requestCount === undefined ? {} : { requestCount }),
      ...(lastWaitFactor === undefined ? {} : { lastWaitFactor }),
      accepts: () => this.#arrivedAt === arrivesAt,
    });
    this.#keys.set(name, key);
    this.#sentAt.set(name, now);
  }

  cancel(name: Name): void {
    const key = this.#keys.get(name);
    if (key !== undefined) this.#transactions.cancel(key);
    this.#keys.delete(name);
  }

  /** @returns the name of the question where our own request came in at one of our sockets: around a corner */
  handleDatagram(
    now: number,
    socket: ProbeSocket,
    { bytes, source }: { readonly bytes: Uint8Array; readonly source: Endpoint },
  ): Name | undefined {
    const message = decodeStun(bytes);
    if (message instanceof DecodeError) return undefined;
    if (message.class === 'request') return this.#nameOf(message);
    this.#arrivedAt = socket;
    this.#transactions.handleResponse(now, message, source);
    this.#arrivedAt = undefined;
    this.#takeResults();
    return undefined;
  }

  nextTimeoutAt(): number | undefined {
    return this.#transactions.nextTimeoutAt();
  }

  handleTimeout(now: number): void {
    this.#transactions.handleTimeout(now);
    this.#takeResults();
  }

  takeDatagrams(now: number): readonly ProbeDatagram[] {
    return this.#transactions.takeDatagrams().map(({ bytes, remote, context: { name, socket } }) => {
      this.#sentAt.set(name, now);
      return { socket, bytes, remote };
    });
  }

  #write({ change, responsePort }: Probe<Name>): Uint8Array {
    const transactionId = this.#random.bytes(TRANSACTION_ID_BYTES);
    const writer = new StunWriter({ method: METHOD.binding, class: 'request', transactionId });
    if (change) addChangeRequest(writer, change);
    if (responsePort !== undefined) addResponsePort(writer, responsePort);
    return writer.finish();
  }

  #nameOf(request: StunMessage): Name | undefined {
    for (const [name, key] of this.#keys) if (key === request.transactionKey) return name;
    return undefined;
  }

  #takeResults(): void {
    for (const { context, outcome } of this.#transactions.takeResults()) {
      this.#answers.set(context.name, answerOf(outcome));
      this.#keys.delete(context.name);
    }
  }
}

function answerOf(outcome: StunOutcome): ProbeAnswer {
  if (outcome.type === 'error') return { type: 'refused', code: outcome.error.code };
  if (outcome.type !== 'success') return { type: 'silent' };
  const { response, roundTripMs } = outcome;
  const otherAddress = response.address(ATTRIBUTE.otherAddress);
  return { type: 'answered', mapped: response.mappedAddress, otherAddress, roundTripMs };
}

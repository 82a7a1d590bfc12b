// The server's side of behaviour discovery: answers Binding from where, and to where, the client wants (RFC 5780 §6).
import { DecodeError, type Endpoint } from '../../core/index.ts';
import {
  ATTRIBUTE,
  answerClassicBinding,
  answerTo,
  BINDING_ATTRIBUTES,
  checkFingerprint,
  decodeStun,
  METHOD,
  readClassicBinding,
  refuseUnknown,
  type StunMessage,
  sealAnswer,
} from '../stun/index.ts';
import { type ChangeRequest, changeRequestOf, responsePortOf } from './change-request.ts';

/**
 * Two addresses with the same two ports, as clients see them, and a socket on each of the four: what it takes to answer
 * from elsewhere.
 */
export interface AlternateEndpoints {
  readonly addresses: readonly [string, string];
  readonly ports: readonly [number, number];
}

/** One of the four sockets, by its place in {@link AlternateEndpoints}; the first of both where there is only one. */
export interface ServerSocket {
  readonly address: 0 | 1;
  readonly port: 0 | 1;
}

/** Goes to `remote` through `socket`. */
export interface BehaviourAnswer {
  readonly bytes: Uint8Array;
  readonly remote: Endpoint;
  readonly socket: ServerSocket;
}

export interface BehaviourResponderOptions {
  /**
   * Not given where the server has one address: RFC 5780 §6 then wants no OTHER-ADDRESS, and 420 for CHANGE-REQUEST.
   * RESPONSE-PORT and PADDING need no second address.
   */
  readonly alternates?: AlternateEndpoints;
  /** SOFTWARE (ASCII), where there is room for it within the size of the request. */
  readonly software?: string;
}

/** What came, and what was made of it. */
export interface BehaviourCounters {
  answered: number;
  answeredClassic: number;
  /** Answered from another socket, or to another port. */
  redirected: number;
  /** 400 and 420. */
  refused: number;
  indications: number;
  dropped: number;
}

const FIRST_SOCKET: ServerSocket = { address: 0, port: 0 };
const WITHOUT_ALTERNATES: ReadonlySet<number> = new Set([
  ...BINDING_ATTRIBUTES,
  ATTRIBUTE.responsePort,
  ATTRIBUTE.padding,
]);
const WITH_ALTERNATES: ReadonlySet<number> = new Set([...WITHOUT_ALTERNATES, ATTRIBUTE.changeRequest]);

/**
 * Sans-I/O, over UDP; holds nothing of those who ask.
 *
 * A `BindingResponder` with more to say. An answer is 32 bytes to 20 over IPv4, and 56 where the server has alternates:
 * RFC 5780 §6.1 wants RESPONSE-ORIGIN and OTHER-ADDRESS in each.
 */
export class BehaviourResponder {
  readonly counters: BehaviourCounters = {
    ...{ answered: 0, answeredClassic: 0, redirected: 0 },
    ...{ refused: 0, indications: 0, dropped: 0 },
  };
  readonly #alternates: AlternateEndpoints | undefined;
  readonly #software: string | undefined;
  readonly #known: ReadonlySet<number>;

  constructor({ alternates, software }: BehaviourResponderOptions = {}) {
    this.#alternates = alternates;
    this.#software = software;
    this.#known = alternates ? WITH_ALTERNATES : WITHOUT_ALTERNATES;
  }

  /** Takes a datagram that came in through `socket`. @returns the answer, if one is due */
  handleDatagram(bytes: Uint8Array, source: Endpoint, socket = FIRST_SOCKET): BehaviourAnswer | undefined {
    const message = decodeStun(bytes);
    if (message instanceof DecodeError) return this.#answerClassic(bytes, source, socket);
    return this.handleMessage(message, source, socket);
  }

  /** The same for a message that is decoded already. */
  handleMessage(message: StunMessage, source: Endpoint, socket = FIRST_SOCKET): BehaviourAnswer | undefined {
    const isOurs = message.method === METHOD.binding && checkFingerprint(message) !== 'wrong';
    if (isOurs && message.class === 'request') return this.#answer(message, source, socket);
    if (isOurs && message.class === 'indication') this.counters.indications += 1;
    else this.counters.dropped += 1;
    return undefined;
  }

  #answer(request: StunMessage, source: Endpoint, socket: ServerSocket): BehaviourAnswer {
    const unknown = request.unknownAttributes(this.#known);
    if (unknown.length > 0) {
      return this.#refuse(refuseUnknown(request, unknown), source, socket);
    }
    const change = changeRequestOf(request);
    const responsePort = responsePortOf(request);
    // RFC 5780 §6.1: padding is never sent to where it was not asked from.
    const isPaddedElsewhere = responsePort !== null && request.has(ATTRIBUTE.padding);
    if (!change || responsePort === undefined || isPaddedElsewhere) {
      return this.#refuse(sealAnswer(answerTo(request, 'error').error(400, ''), request), source, socket);
    }
    const from = changed(socket, change);
    if (from !== socket || responsePort !== null) this.counters.redirected += 1;
    this.counters.answered += 1;
    const remote = responsePort === null ? source : { ...source, port: responsePort };
    return { bytes: this.#success(request, source, { socket, from }), remote, socket: from };
  }

  /** Departs from RFC 5780 §6.1: no MAPPED-ADDRESS beside XOR-MAPPED-ADDRESS, and no more PADDING than came. */
  #success(
    request: StunMessage,
    source: Endpoint,
    { socket, from }: { readonly socket: ServerSocket; readonly from: ServerSocket },
  ): Uint8Array {
    const writer = answerTo(request, 'success').xorAddress(ATTRIBUTE.xorMappedAddress, source);
    if (this.#alternates) {
      writer.address(ATTRIBUTE.responseOrigin, endpointOf(this.#alternates, from));
      writer.address(ATTRIBUTE.otherAddress, endpointOf(this.#alternates, otherOf(socket)));
    }
    const padding = request.value(ATTRIBUTE.padding);
    if (padding) writer.add(ATTRIBUTE.padding, new Uint8Array(padding.length));
    return sealAnswer(writer, request, this.#software);
  }

  #answerClassic(bytes: Uint8Array, source: Endpoint, socket: ServerSocket): BehaviourAnswer | undefined {
    const classic = readClassicBinding(bytes);
    const change = classic && { address: classic.changesAddress, port: classic.changesPort };
    // Departs from RFC 5389 §12.2: a client of that time takes the 420 for the answer that it wanted from elsewhere.
    if (!classic || !change || (!this.#alternates && (change.address || change.port))) {
      this.counters.dropped += 1;
      return undefined;
    }
    this.counters.answeredClassic += 1;
    const from = changed(socket, change);
    const answer = answerClassicBinding(classic, { mapped: source, ...this.#originAndOther(socket, from) });
    return { bytes: answer, remote: source, socket: from };
  }

  #originAndOther(socket: ServerSocket, from: ServerSocket): { origin?: Endpoint; other?: Endpoint } {
    if (!this.#alternates) return {};
    return {
      origin: endpointOf(this.#alternates, from),
      other: endpointOf(this.#alternates, otherOf(socket)),
    };
  }

  #refuse(bytes: Uint8Array, remote: Endpoint, socket: ServerSocket): BehaviourAnswer {
    this.counters.refused += 1;
    return { bytes, remote, socket };
  }
}

/** RFC 5780 §6.1, table 1. */
function changed(socket: ServerSocket, { address, port }: ChangeRequest): ServerSocket {
  if (!address && !port) return socket;
  const other = otherOf(socket);
  return { address: address ? other.address : socket.address, port: port ? other.port : socket.port };
}

/** OTHER-ADDRESS is always the one that differs in both (RFC 5780 §6.1, table 1). */
function otherOf({ address, port }: ServerSocket): ServerSocket {
  return { address: address === 0 ? 1 : 0, port: port === 0 ? 1 : 0 };
}

function endpointOf({ addresses, ports }: AlternateEndpoints, { address, port }: ServerSocket): Endpoint {
  return { address: addresses[address], port: ports[port] };
}

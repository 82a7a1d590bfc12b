// The server's side of behaviour discovery: answers Binding from where, and to where, the client wants (RFC 5780 §6).
import { DecodeError, type Endpoint, type Random } from '../../core/index.ts';
import { ReflectionLimit } from '../reflection-limit.ts';
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
import {
  type AlternateEndpoints,
  changed,
  endpointAt,
  otherOf,
  SERVER_SOCKETS,
  type ServerSocket,
} from './alternates.ts';
import { changeRequestOf, responsePortOf } from './change-request.ts';

/** Goes to `remote` through `socket`. */
export interface BehaviourAnswer {
  readonly bytes: Uint8Array;
  readonly remote: Endpoint;
  readonly socket: ServerSocket;
}

export interface BehaviourResponderOptions {
  readonly random: Random;
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
  /** No STUN. */
  malformed: number;
  /** STUN that is no Binding request of ours to answer. */
  dropped: number;
  /** To elsewhere, and too often to one address. */
  limited: number;
}

const WITHOUT_ALTERNATES: ReadonlySet<number> = new Set([
  ...BINDING_ATTRIBUTES,
  ATTRIBUTE.responsePort,
  ATTRIBUTE.padding,
]);
const WITH_ALTERNATES: ReadonlySet<number> = new Set([...WITHOUT_ALTERNATES, ATTRIBUTE.changeRequest]);

/** Who asked, and through which of the server's sockets. */
export interface BehaviourAsker {
  readonly source: Endpoint;
  /** The first where not given. */
  readonly socket?: ServerSocket;
}

/**
 * Sans-I/O, over UDP; holds nothing of those who ask.
 *
 * A `BindingResponder` with more to say. An answer is 32 bytes to 20 over IPv4, and 56 where the server has alternates:
 * RFC 5780 §6.1 wants RESPONSE-ORIGIN and OTHER-ADDRESS in each. One address is told that much, or answered elsewhere
 * than it asked from, as often as a {@link ReflectionLimit} allows; past it, who asks plainly is answered plainly.
 */
export class BehaviourResponder {
  readonly counters: BehaviourCounters = {
    ...{ answered: 0, answeredClassic: 0, redirected: 0, refused: 0 },
    ...{ indications: 0, malformed: 0, dropped: 0, limited: 0 },
  };
  readonly #alternates: AlternateEndpoints | undefined;
  readonly #software: string | undefined;
  readonly #known: ReadonlySet<number>;
  readonly #limit: ReflectionLimit;

  constructor({ random, alternates, software }: BehaviourResponderOptions) {
    this.#alternates = alternates;
    this.#software = software;
    this.#known = alternates ? WITH_ALTERNATES : WITHOUT_ALTERNATES;
    this.#limit = new ReflectionLimit(random.uint32());
  }

  /** @returns the answer, if one is due */
  handleDatagram(now: number, bytes: Uint8Array, asker: BehaviourAsker): BehaviourAnswer | undefined {
    const message = decodeStun(bytes);
    if (message instanceof DecodeError) return this.handleUndecoded(now, bytes, asker);
    return this.handleMessage(now, message, asker);
  }

  /** The same for a message that is decoded already. */
  handleMessage(now: number, message: StunMessage, asker: BehaviourAsker): BehaviourAnswer | undefined {
    const isOurs = message.method === METHOD.binding && checkFingerprint(message) !== 'wrong';
    if (isOurs && message.class === 'request') return this.#answer(now, message, asker);
    if (isOurs && message.class === 'indication') this.counters.indications += 1;
    else this.counters.dropped += 1;
    return undefined;
  }

  /** The same for what {@link decodeStun} cannot read: a request of RFC 3489 is among it. */
  handleUndecoded(
    now: number,
    bytes: Uint8Array,
    { source, socket = SERVER_SOCKETS[0] }: BehaviourAsker,
  ): BehaviourAnswer | undefined {
    const classic = readClassicBinding(bytes);
    if (!classic) {
      this.counters.malformed += 1;
      return undefined;
    }
    const change = { address: classic.changesAddress, port: classic.changesPort };
    // Departs from RFC 5389 §12.2: a client of that time takes the 420 for the answer that it wanted from elsewhere.
    if (!this.#alternates && (change.address || change.port)) {
      this.counters.dropped += 1;
      return undefined;
    }
    const from = changed(socket, change);
    const mayTellAll = this.#mayTellAll(now, source, from !== socket);
    if (mayTellAll === undefined) return undefined;
    this.counters.answeredClassic += 1;
    const more = mayTellAll ? this.#originAndOther(socket, from) : {};
    return {
      bytes: answerClassicBinding(classic, { mapped: source, ...more }),
      remote: source,
      socket: from,
    };
  }

  #answer(
    now: number,
    request: StunMessage,
    { source, socket = SERVER_SOCKETS[0] }: BehaviourAsker,
  ): BehaviourAnswer | undefined {
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
    const isElsewhere = from !== socket || responsePort !== null;
    const mayTellAll = this.#mayTellAll(now, source, isElsewhere);
    if (mayTellAll === undefined) return undefined;
    if (isElsewhere) this.counters.redirected += 1;
    this.counters.answered += 1;
    const remote = responsePort === null ? source : { ...source, port: responsePort };
    const more = mayTellAll ? this.#originAndOther(socket, from) : {};
    return { bytes: this.#success(request, source, more), remote, socket: from };
  }

  /**
   * Whether RESPONSE-ORIGIN and OTHER-ADDRESS may be in the answer.
   *
   * @returns undefined where there may be no answer
   */
  #mayTellAll(now: number, { address }: Endpoint, isElsewhere: boolean): boolean | undefined {
    if (!isElsewhere && !this.#alternates) return true;
    if (this.#limit.take(now, address)) return true;
    if (!isElsewhere) return false;
    this.counters.limited += 1;
    return undefined;
  }

  /** Departs from RFC 5780 §6.1: no MAPPED-ADDRESS beside XOR-MAPPED-ADDRESS, and no more PADDING than came. */
  #success(request: StunMessage, source: Endpoint, { origin, other }: OriginAndOther): Uint8Array {
    const writer = answerTo(request, 'success').xorAddress(ATTRIBUTE.xorMappedAddress, source);
    if (origin) writer.address(ATTRIBUTE.responseOrigin, origin);
    if (other) writer.address(ATTRIBUTE.otherAddress, other);
    const padding = request.value(ATTRIBUTE.padding);
    if (padding) writer.add(ATTRIBUTE.padding, new Uint8Array(padding.length));
    return sealAnswer(writer, request, this.#software);
  }

  #originAndOther(socket: ServerSocket, from: ServerSocket): OriginAndOther {
    if (!this.#alternates) return {};
    return {
      origin: endpointAt(this.#alternates, from),
      other: endpointAt(this.#alternates, otherOf(socket)),
    };
  }

  #refuse(bytes: Uint8Array, remote: Endpoint, socket: ServerSocket): BehaviourAnswer {
    this.counters.refused += 1;
    return { bytes, remote, socket };
  }
}

/** Both where the server has alternates. */
interface OriginAndOther {
  readonly origin?: Endpoint;
  readonly other?: Endpoint;
}

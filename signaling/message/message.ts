// What SIP requests and responses have in common: immutable, their headers read when asked for.
import { DecodeError, invariant } from '../../core/index.ts';
import { checkMessage } from './check.ts';
import { parseCseq } from './cseq.ts';
import { parseDigits } from './grammar.ts';
import { headerId } from './header-name.ts';
import type { HeaderChanges, HeaderTable } from './header-table.ts';
import { parseNameAddr } from './name-addr.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';
import type { Cseq, HeaderField, NameAddr, Via } from './types.ts';
import { parseVia } from './via.ts';

/** Typed headers that were read already, by header id. */
interface ReadHeaders {
  via?: readonly Via[] | undefined;
  from?: NameAddr | undefined;
  to?: NameAddr | undefined;
  cseq?: Cseq | undefined;
  contact?: AddressList | undefined;
  route?: AddressList | undefined;
  'record-route'?: AddressList | undefined;
  path?: AddressList | undefined;
}

type AddressListId = 'contact' | 'route' | 'record-route' | 'path';

/** What a list of addresses holds; `fault` is the first element that cannot be read. */
export interface AddressList {
  readonly addresses: readonly NameAddr[];
  readonly fault: { readonly index: number; readonly reason: string } | undefined;
}

/** What every message has; made by `parseMessage`, `createRequest` and `createResponse`. */
export interface MessageParts {
  readonly headers: HeaderTable;
  readonly body: Uint8Array | string;
  /** Headers that are known already: saves reading them again. */
  readonly read?: ReadHeaders;
}

/** Changes by which one message is made from another. */
export interface MessageChanges extends HeaderChanges {
  readonly body?: Uint8Array | string;
}

/** RFC 3261 §20.19: Expires is a number of seconds up to 2^32 - 1. */
const MAX_EXPIRES = 2 ** 32 - 1;

const NO_BODY = new Uint8Array(0);

/**
 * Common to requests and responses.
 *
 * The getters never throw on a message from the network: Via, From, To, Call-ID and CSeq were checked by
 * `parseMessage`; an element of another header that cannot be read is left out. `check()` says whether there is one.
 */
export abstract class SipMessage {
  abstract readonly kind: 'request' | 'response';
  /** The first line, without its line break. */
  abstract readonly startLine: string;
  /** The header fields as a table; for this folder's own use. */
  readonly headers: HeaderTable;
  readonly #read: ReadHeaders;
  #body: Uint8Array | undefined;
  #bodyText: string | undefined;

  constructor(parts: MessageParts) {
    this.headers = parts.headers;
    this.#read = parts.read ?? {};
    if (typeof parts.body === 'string') this.#bodyText = parts.body;
    else this.#body = parts.body;
  }

  get callId(): string {
    return this.headers.first('call-id') ?? '';
  }

  get cseq(): Cseq {
    this.#read.cseq ??= known(parseCseq(this.headers.first('cseq') ?? ''));
    return this.#read.cseq;
  }

  get from(): NameAddr {
    this.#read.from ??= known(parseNameAddr(this.headers.first('from') ?? ''));
    return this.#read.from;
  }

  get to(): NameAddr {
    this.#read.to ??= known(parseNameAddr(this.headers.first('to') ?? ''));
    return this.#read.to;
  }

  get fromTag(): string | undefined {
    return this.from.parameters.get('tag');
  }

  get toTag(): string | undefined {
    return this.to.parameters.get('tag');
  }

  get vias(): readonly Via[] {
    this.#read.via ??= readable(this.headers.elements('via').map((text) => parseVia(text)));
    return this.#read.via;
  }

  /** Every message from the network has one; a request of ours has none until the endpoint sends it. */
  get topVia(): Via {
    const [via] = this.vias;
    invariant(via, 'a received message has a Via, and one of ours is not asked for it before it is sent');
    return via;
  }

  /** Of the topmost Via; undefined where it has none (RFC 2543). */
  get branch(): string | undefined {
    return this.vias[0]?.parameters.get('branch');
  }

  get contacts(): readonly NameAddr[] {
    return this.addressList('contact').addresses;
  }

  /** `Contact: *` (RFC 3261 §10.2.2). */
  get isContactWildcard(): boolean {
    return this.headers.first('contact') === '*';
  }

  get routes(): readonly NameAddr[] {
    return this.addressList('route').addresses;
  }

  get recordRoutes(): readonly NameAddr[] {
    return this.addressList('record-route').addresses;
  }

  /** RFC 3327. */
  get paths(): readonly NameAddr[] {
    return this.addressList('path').addresses;
  }

  /** 0 to 255. */
  get maxForwards(): number | undefined {
    const text = this.headers.first('max-forwards');
    return text === undefined ? undefined : parseDigits(text, 255);
  }

  /** Seconds, 0 to 2^32 - 1. */
  get expires(): number | undefined {
    const text = this.headers.first('expires');
    return text === undefined ? undefined : parseDigits(text, MAX_EXPIRES);
  }

  /** `type/subtype` in lower case, without parameters. */
  get contentType(): string | undefined {
    const text = this.headers.first('content-type');
    return text?.split(';', 1)[0]?.replace(/[ \t]/g, '').toLowerCase();
  }

  /** Not to be written to. */
  get body(): Uint8Array {
    this.#body ??= this.#bodyText ? encodeUtf8(this.#bodyText) : NO_BODY;
    return this.#body;
  }

  /** The body as UTF-8. */
  get bodyText(): string {
    this.#bodyText ??= decodeUtf8(this.body);
    return this.#bodyText;
  }

  /** The body in the form in which it costs nothing; for the serializer. */
  get rawBody(): Uint8Array | string {
    return this.#body ?? this.#bodyText ?? NO_BODY;
  }

  /** The first field of the name, unfolded and trimmed; compact and long names are the same. */
  header(name: string): string | undefined {
    return this.headers.first(headerId(name));
  }

  /** All fields of the name with their comma lists split, but for headers that are no lists (dates, credentials …). */
  headerValues(name: string): string[] {
    return this.headers.elements(headerId(name)).filter((element) => element !== '');
  }

  /** Names as received, values unfolded. */
  headerFields(): Iterable<HeaderField> {
    return this.headers;
  }

  /**
   * Validates every header that has a getter or that other code of ours reads, beyond what `parseMessage` did. To be
   * called once for a request which is not answered by a transaction alone; what it finds is worth a 400.
   */
  check(): DecodeError | undefined {
    return checkMessage(this);
  }

  /** The addresses of a list header with its first fault; for this folder's own use. */
  addressList(id: AddressListId): AddressList {
    const found = this.#read[id] ?? readAddresses(this.headers.elements(id));
    this.#read[id] = found;
    return found;
  }

  protected derivedParts(changes: MessageChanges): Required<MessageParts> {
    const { via, from, to, cseq, contact, route, path } = this.#read;
    const read: ReadHeaders = { via, from, to, cseq, contact, route, path };
    read['record-route'] = this.#read['record-route'];
    for (const [name] of changes.set ?? []) forget(read, name);
    for (const [name] of changes.prepend ?? []) forget(read, name);
    for (const [name] of changes.append ?? []) forget(read, name);
    for (const name of changes.remove ?? []) forget(read, name);
    return { headers: this.headers.derive(changes), body: changes.body ?? this.rawBody, read };
  }

  /** What was read of this message, for one that differs in its topmost Via alone. */
  protected readWithTopVia(via: Via): ReadHeaders {
    const { from, to, cseq, contact, route, path } = this.#read;
    const vias = [via, ...this.vias.slice(1)];
    return { via: vias, from, to, cseq, contact, route, 'record-route': this.#read['record-route'], path };
  }
}

function readAddresses(elements: readonly string[]): AddressList {
  const addresses: NameAddr[] = [];
  let fault: AddressList['fault'];
  for (const [index, element] of elements.entries()) {
    const address = parseNameAddr(element);
    if (address instanceof DecodeError) fault ??= { index, reason: address.reason };
    else addresses.push(address);
  }
  return { addresses, fault };
}

function forget(read: ReadHeaders, name: string): void {
  const id = headerId(name);
  // The cast narrows a string that was just found to be a key.
  if (id in read) read[id as keyof ReadHeaders] = undefined;
}

function readable<Value>(values: readonly (Value | DecodeError)[]): Value[] {
  return values.filter((value): value is Value => !(value instanceof DecodeError));
}

function known<Value>(value: Value | DecodeError): Value {
  if (value instanceof DecodeError) {
    invariant(false, `parseMessage and createRequest let no message pass without its headers (${value})`);
  }
  return value;
}

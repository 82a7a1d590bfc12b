// The torture messages of RFC 4475: what becomes of each of them, at the parser and on the wire.
import { INVALID_MESSAGES } from './rfc4475-invalid.ts';

/** One message of the data folder `rfc4475`. */
export interface TortureMessage {
  /** Path in the folder, without `.dat`. */
  readonly file: string;
  /** Of RFC 4475. */
  readonly section: string;
  readonly kind: 'request' | 'response';
  /** Whether `parseMessage` returns a message or a `DecodeError`. */
  readonly atParse: 'message' | 'error';
  /** What a server does with it as a datagram. */
  readonly onTheWire: string;
  /** Statuses with which it may be answered: final ones, and none else; or no response at all. */
  readonly expectStatus: readonly number[] | 'dropped';
  /** Why this way, where the RFC and EXPECTED.tsv leave more than one. */
  readonly choice?: string;
  /** What a server does with it on a stream, where that differs. */
  readonly overTcp?: string;
}

/**
 * A good request is answered by policy: challenged, unknown, or served. What is wrong with a request by itself
 * (420, 415, 406, 416) is told before the challenge, so that who has no password learns it too.
 */
const PROCESSED: readonly number[] = [200, 202, 401, 403, 404, 405, 407, 480, 486, 488, 501];

const VALID_MESSAGES: readonly TortureMessage[] = [
  {
    file: 'wsinv',
    section: '3.1.1.1',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed: folded and oddly cased headers are read, unknown ones ignored',
    expectStatus: [481],
    choice: 'To has a tag, and there is no such dialog (RFC 3261 §12.2.2)',
  },
  {
    file: 'intmeth',
    section: '3.1.1.2',
    kind: 'request',
    atParse: 'message',
    onTheWire: '405 or 501: the method is unknown, and kept as it came',
    expectStatus: [405, 501],
  },
  {
    file: 'esc01',
    section: '3.1.1.3',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed for the user part "sips:user@example.com"',
    expectStatus: PROCESSED,
  },
  {
    file: 'escnull',
    section: '3.1.1.4',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed; %00 stays in the user part',
    expectStatus: PROCESSED,
  },
  {
    file: 'esc02',
    section: '3.1.1.5',
    kind: 'request',
    atParse: 'message',
    onTheWire: '405 or 501: escapes mean nothing in a method, so this is no REGISTER',
    expectStatus: [405, 501],
  },
  {
    file: 'lwsdisp',
    section: '3.1.1.6',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed: no space is needed between display name and <',
    expectStatus: PROCESSED,
  },
  {
    file: 'longreq',
    section: '3.1.1.7',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed; every Via is kept',
    expectStatus: PROCESSED,
  },
  {
    file: 'dblreq',
    section: '3.1.1.8',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'the REGISTER is processed, what is behind its body is discarded',
    expectStatus: PROCESSED,
    overTcp: 'the REGISTER is processed, and so is the INVITE behind it: on a stream it is the next message',
  },
  {
    file: 'semiuri',
    section: '3.1.1.9',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed for the user part "user;par=u@example.net"',
    expectStatus: PROCESSED,
  },
  {
    file: 'transports',
    section: '3.1.1.10',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed; transports in lower Vias are not judged',
    expectStatus: PROCESSED,
  },
  {
    file: 'mpart01',
    section: '3.1.1.11',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed; the body keeps its octets',
    expectStatus: PROCESSED,
    choice: 'MESSAGE is answered by policy: 405 where nobody takes messages',
  },
  {
    file: 'unreason',
    section: '3.1.1.12',
    kind: 'response',
    atParse: 'message',
    onTheWire: 'no transaction waits for it: dropped',
    expectStatus: 'dropped',
  },
  {
    file: 'noreason',
    section: '3.1.1.13',
    kind: 'response',
    atParse: 'message',
    onTheWire: 'no transaction waits for it: dropped',
    expectStatus: 'dropped',
  },
  {
    file: 'badbranch',
    section: '3.2.1',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed; matched by the rules of RFC 2543, since the branch is the bare cookie',
    expectStatus: PROCESSED,
  },
  {
    file: 'insuf',
    section: '3.3.1',
    kind: 'request',
    atParse: 'error',
    onTheWire: 'dropped: without From, To and Call-ID no response is possible',
    expectStatus: 'dropped',
    choice: 'dropped, not 400',
  },
  {
    file: 'unkscm',
    section: '3.3.2',
    kind: 'request',
    atParse: 'error',
    onTheWire: '416',
    expectStatus: [416],
    choice: '416 comes from the parser: no part of ours has a use for other schemes',
  },
  {
    file: 'novelsc',
    section: '3.3.3',
    kind: 'request',
    atParse: 'error',
    onTheWire: '416',
    expectStatus: [416],
  },
  {
    file: 'unksm2',
    section: '3.3.4',
    kind: 'request',
    atParse: 'message',
    onTheWire: '400, 403 or 404 for the odd To, at the latest once it is authenticated; nothing is bound',
    expectStatus: [400, 401, 403, 404, 407],
  },
  {
    file: 'bext01',
    section: '3.3.5',
    kind: 'request',
    atParse: 'message',
    onTheWire: '420 with both tags of Require in Unsupported',
    expectStatus: [420],
  },
  {
    file: 'invut',
    section: '3.3.6',
    kind: 'request',
    atParse: 'message',
    onTheWire: '415 with Accept: application/sdp',
    expectStatus: [415],
  },
  {
    file: 'regaut01',
    section: '3.3.7',
    kind: 'request',
    atParse: 'message',
    onTheWire: '401 with a fresh challenge',
    expectStatus: [401],
  },
  {
    file: 'multi01',
    section: '3.3.8',
    kind: 'request',
    atParse: 'error',
    onTheWire: '400: CSeq, Call-ID, From and To appear twice',
    expectStatus: [400],
  },
  {
    file: 'mcl01',
    section: '3.3.9',
    kind: 'request',
    atParse: 'error',
    onTheWire: '400: Content-Length appears twice, even if both were equal',
    expectStatus: [400],
    overTcp: '400, and the connection is closed',
  },
  {
    file: 'bcast',
    section: '3.3.10',
    kind: 'response',
    atParse: 'message',
    onTheWire: 'dropped: no transaction waits for it, and nothing is sent to its Vias',
    expectStatus: 'dropped',
  },
  {
    file: 'zeromf',
    section: '3.3.11',
    kind: 'request',
    atParse: 'message',
    onTheWire: '483, or processed as a server that does not forward',
    expectStatus: [483, ...PROCESSED],
  },
  {
    file: 'cparam01',
    section: '3.3.12',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed; the parameter belongs to the header',
    expectStatus: PROCESSED,
  },
  {
    file: 'cparam02',
    section: '3.3.13',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed; the parameter stays in the URI',
    expectStatus: PROCESSED,
  },
  {
    file: 'regescrt',
    section: '3.3.14',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed by policy; the Route in the URI never routes anybody',
    expectStatus: PROCESSED,
  },
  {
    file: 'sdp01',
    section: '3.3.15',
    kind: 'request',
    atParse: 'message',
    onTheWire: '406: the caller cannot read SDP',
    expectStatus: [406],
  },
  {
    file: 'inv2543',
    section: '3.4.1',
    kind: 'request',
    atParse: 'message',
    onTheWire: 'processed without branch, Max-Forwards and Content-Length',
    expectStatus: [...PROCESSED, 400],
    choice: 'it has no Contact, which an INVITE must have (RFC 3261 §8.1.1.8): nobody could send BYE to it',
    overTcp: '400, and the connection is closed: on a stream Content-Length must be there',
  },
  {
    file: 'test',
    section: '-',
    kind: 'request',
    atParse: 'error',
    onTheWire: 'dropped: no version, and no Via or CSeq to answer by',
    expectStatus: 'dropped',
  },
];

/** All 49, `test` beside them, and `baddn` with its missing line. */
export const TORTURE_MESSAGES: readonly TortureMessage[] = [...VALID_MESSAGES, ...INVALID_MESSAGES];

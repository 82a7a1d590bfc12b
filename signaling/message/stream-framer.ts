// Cuts a byte stream into messages (RFC 3261 §7.5, §18.3; keep-alive of RFC 5626 §3.5.1).
import { DecodeError } from '../../core/index.ts';
import { parseDigits, shown } from './grammar.ts';
import { MAX_HEADER_BYTES, MAX_MESSAGE_BYTES } from './limits.ts';
import { MalformedRequest } from './malformed-request.ts';
import { parseMessage } from './parse.ts';
import { SipRequest } from './request.ts';
import { asBuffer } from './text.ts';

const HEADER_END = Buffer.from('\r\n\r\n');
const CR = 0x0d;
const LF = 0x0a;
const EMPTY = Buffer.alloc(0);

/**
 * Sans-I/O framer of one connection. After every `push`, call `next` until it returns undefined.
 *
 * Holds at most one message and what was pushed last. A message found whole within one push is a view of those bytes.
 */
export class StreamFramer {
  /** Bytes from #start to #end are not consumed. */
  #buffer: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  /** Whether #buffer was made here, and may be written to. */
  #isOwn = false;
  /** Up to here no end of the headers was found. */
  #scanned = 0;
  /** Length of the message at #start, once its headers are whole. */
  #messageBytes: number | undefined;
  /** A CRLF between messages came, and nothing since. */
  #hadLineBreak = false;
  /** Keep-alives of ours that the peer has not answered. */
  #pongsDue = 0;
  #fault: DecodeError | undefined;

  /** Bytes that wait for the rest of their message. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Takes what the connection received; the bytes are given away. After a fault nothing is taken any more. */
  push(bytes: Uint8Array): void {
    if (this.#fault || bytes.length === 0) return;
    if (this.#start === this.#end) {
      this.#buffer = asBuffer(bytes);
      this.#start = 0;
      this.#end = bytes.length;
      this.#scanned = 0;
      this.#isOwn = false;
    } else this.#append(bytes);
  }

  /** A keep-alive of ours was sent: the next CRLF between messages is the answer. */
  expectPong(): void {
    this.#pongsDue += 1;
  }

  /**
   * The next thing in the stream, or undefined where its rest has yet to come.
   *
   * A `DecodeError` is fatal: nobody knows where the next message starts, so the connection is to be closed. It is a
   * `MalformedRequest` where the request can be answered before that. `'keep-alive'` is a CRLFCRLF, to be answered
   * with CRLF; `'pong'` is the CRLF that answers one of ours.
   */
  next(): Uint8Array | 'keep-alive' | 'pong' | DecodeError | undefined {
    if (this.#fault) return this.#fault;
    if (this.#messageBytes === undefined) {
      const found = this.#skipLineBreaks();
      if (found) return found;
      const length = this.#findMessage();
      if (length instanceof DecodeError) return this.#fail(length);
      if (length === undefined) return undefined;
      this.#messageBytes = length;
    }
    return this.#takeMessage(this.#messageBytes);
  }

  #append(bytes: Uint8Array): void {
    const pending = this.#end - this.#start;
    if (!this.#isOwn || this.#end + bytes.length > this.#buffer.length) {
      // Doubling keeps the copying linear in what was received, however small the pieces.
      const room = Buffer.allocUnsafeSlow(Math.max(2 * (pending + bytes.length), 2048));
      room.set(this.#buffer.subarray(this.#start, this.#end));
      this.#scanned -= this.#start;
      this.#buffer = room;
      this.#isOwn = true;
      this.#start = 0;
      this.#end = pending;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** @returns what the line breaks between messages make */
  #skipLineBreaks(): 'keep-alive' | 'pong' | undefined {
    while (this.#end - this.#start >= 2) {
      if (this.#buffer[this.#start] !== CR || this.#buffer[this.#start + 1] !== LF) break;
      this.#start += 2;
      this.#scanned = this.#start;
      if (this.#pongsDue > 0) {
        this.#pongsDue -= 1;
        return 'pong';
      }
      this.#hadLineBreak = !this.#hadLineBreak;
      if (!this.#hadLineBreak) return 'keep-alive';
    }
    const isAnotherBreakPossible =
      this.#end === this.#start || (this.#end - this.#start === 1 && this.#buffer[this.#start] === CR);
    if (!isAnotherBreakPossible) this.#hadLineBreak = false;
    return undefined;
  }

  /** @returns the length of the message at #start, once its headers are there */
  #findMessage(): number | DecodeError | undefined {
    const view = this.#end === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#end);
    const found = view.indexOf(HEADER_END, Math.max(this.#start, this.#scanned));
    const headBytes = (found < 0 ? this.#end : found + HEADER_END.length) - this.#start;
    if (headBytes > MAX_HEADER_BYTES) {
      return new DecodeError('SIP_TOO_LARGE', 'headers', `headers of more than ${MAX_HEADER_BYTES} bytes`);
    }
    if (found < 0) {
      // The end may have come in part: its last three bytes are looked at again.
      this.#scanned = Math.max(this.#start, this.#end - HEADER_END.length + 1);
      return undefined;
    }
    const head = view.subarray(this.#start, this.#start + headBytes);
    const length = contentLengthOf(head);
    if (length instanceof DecodeError) return answerableFault(head, length);
    if (headBytes + length <= MAX_MESSAGE_BYTES) return headBytes + length;
    const fault = new DecodeError(
      'SIP_TOO_LARGE',
      'message',
      `a message of more than ${MAX_MESSAGE_BYTES} bytes`,
    );
    return answerableFault(head, fault, 513);
  }

  #takeMessage(length: number): Uint8Array | undefined {
    if (this.#end - this.#start < length) return undefined;
    const view = this.#buffer.subarray(this.#start, this.#start + length);
    // A copy out of our own buffer, so that a small message does not keep a large one alive.
    const message = this.#isOwn ? Buffer.from(view) : view;
    this.#start += length;
    this.#scanned = this.#start;
    this.#messageBytes = undefined;
    if (this.#start === this.#end) this.#release();
    return message;
  }

  #fail(fault: DecodeError): DecodeError {
    this.#fault = fault;
    this.#release();
    return fault;
  }

  #release(): void {
    this.#buffer = EMPTY;
    this.#start = 0;
    this.#end = 0;
    this.#scanned = 0;
    this.#isOwn = false;
  }
}

// One value may go on over folded lines; the name may be compact (RFC 3261 §7.3.3).
const CONTENT_LENGTH = /\r\n(?:content-length|l)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)(?=\r\n)/gi;

function contentLengthOf(head: Buffer): number | DecodeError {
  // A header section of Latin-1 has as many characters as bytes.
  const values = [...head.toString('latin1').matchAll(CONTENT_LENGTH)].map(([, value = '']) => value.trim());
  const [only] = values;
  // RFC 3261 §20.14: MUST be there on a stream; and two of them are two opinions on where the next message starts.
  if (only === undefined) return bad('Content-Length is missing');
  if (values.length > 1) return bad('Content-Length appears more than once');
  return parseDigits(only, MAX_MESSAGE_BYTES + 1) ?? bad(`Content-Length ${shown(only)} is no length`);
}

function bad(reason: string): DecodeError {
  return new DecodeError('SIP_BAD_CONTENT_LENGTH', 'Content-Length', reason);
}

/** Who sent the request may be told before the connection is closed. */
function answerableFault(head: Buffer, fault: DecodeError, status: 400 | 513 = 400): DecodeError {
  // A copy, since the buffer may be written to while the answer is made.
  const parsed = parseMessage(Buffer.from(head));
  if (parsed instanceof SipRequest) return new MalformedRequest(fault, status, parsed);
  if (parsed instanceof MalformedRequest) return new MalformedRequest(fault, status, parsed.answerable);
  return fault;
}

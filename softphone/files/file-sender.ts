// The sending end of one file transfer: sans-I/O; its actions are drained by the owner after every input.
import { DecodeError } from '../../core/index.ts';
import {
  BUFFER_HIGH_BYTES,
  checkLimitMs,
  MESSAGE_BYTES,
  READ_BYTES,
  STALL_MS,
  WINDOW_BYTES,
  WORKING_MS,
} from './limits.ts';
import { type ControlMessage, parseControl, TRANSFER_VERSION } from './messages.ts';
import { type CommonAction, TransferEnd } from './transfer-end.ts';
import type { FileOffer, Mark, TransferProgress } from './types.ts';

/**
 * `offered` no answer yet; `checking` what the receiver has is compared with the file; `sending`; `digesting` all is
 * sent, the hash is taken; `ending` the receiver does the same; `over`.
 */
export type SenderState = 'offered' | 'checking' | 'sending' | 'digesting' | 'ending' | 'over';

/** What the owner is to do. `check`, `read` and `digest` are answered by `handleChecked`, `handleRead`, `handleDigest`. */
export type SenderAction =
  | { readonly type: 'transmit'; readonly bytes: Uint8Array }
  | { readonly type: 'check'; readonly marks: readonly Mark[] }
  | { readonly type: 'read'; readonly lengthBytes: number }
  | { readonly type: 'digest' }
  | CommonAction;

export interface FileSenderOptions {
  readonly offer: FileOffer;
  /** Largest message that the far end takes; {@link MESSAGE_BYTES} where that is smaller. */
  readonly maxMessageBytes: number;
}

/** Starts with the offer; the channel is open. */
export class FileSender extends TransferEnd<SenderState, SenderAction> {
  readonly #offer: FileOffer;
  readonly #messageBytes: number;
  /** Read, and given to the channel. */
  #sentBytes = 0;
  #resumedBytes = 0;
  #writtenBytes = 0;
  /** In the channel's buffer, by what the owner told last. */
  #bufferedBytes = 0;
  #isReading = false;
  #sha256 = '';

  constructor(now: number, options: FileSenderOptions) {
    super(now, 'offered');
    this.#offer = options.offer;
    this.#messageBytes = Math.max(1, Math.min(MESSAGE_BYTES, options.maxMessageBytes));
    const { name, sizeBytes, modifiedMs } = options.offer;
    this.send({ type: 'offer', version: TRANSFER_VERSION, name, sizeBytes, modifiedMs });
  }

  get progress(): TransferProgress {
    const { sizeBytes } = this.#offer;
    return { doneBytes: this.#writtenBytes, resumedBytes: this.#resumedBytes, sizeBytes };
  }

  nextTimeoutAt(): number | undefined {
    if (this.current === 'over') return undefined;
    return Math.min(this.workingAt, this.#stalledAt);
  }

  handleTimeout(now: number): void {
    if (this.current === 'over') return;
    if (now >= this.#stalledAt) return this.fail('stalled', 'the far end has gone silent');
    this.tellWorking(now);
  }

  handleMessage(now: number, message: string | Uint8Array): void {
    if (this.current === 'over') return;
    if (typeof message !== 'string') return this.abort('protocol', 'data came from the receiver of a file');
    const control = parseControl(message);
    if (control instanceof DecodeError) return this.abort('protocol', control.toString());
    // Who is at work and has nothing to do keeps us waiting for nothing.
    if (control.type !== 'working' || this.current !== 'sending') this.heardAt = now;
    this.#handleControl(now, control);
  }

  /** @param offsetBytes - the largest of the marks that is ours too, or 0 */
  handleChecked(now: number, offsetBytes: number): void {
    if (this.current !== 'checking') return;
    this.#sentBytes = offsetBytes;
    this.#resumedBytes = offsetBytes;
    this.#writtenBytes = offsetBytes;
    this.send({ type: 'start', offsetBytes });
    this.enter(now, 'sending');
    this.#pump(now);
  }

  /** What was asked for: the bytes are transmitted before the next input, and may be reused then. */
  handleRead(now: number, bytes: Uint8Array): void {
    if (this.current !== 'sending' || !this.#isReading) return;
    this.#isReading = false;
    if (bytes.length === 0) return this.abort('changed', 'the file has become shorter while it was sent');
    for (let at = 0; at < bytes.length; at += this.#messageBytes) {
      this.act({ type: 'transmit', bytes: bytes.subarray(at, at + this.#messageBytes) });
    }
    this.#sentBytes += bytes.length;
    // Until the owner says what is left of it.
    this.#bufferedBytes += bytes.length;
    this.#pump(now);
  }

  /** So much waits in the channel. */
  handleBuffered(now: number, bufferedBytes: number): void {
    this.#bufferedBytes = bufferedBytes;
    this.#pump(now);
  }

  /** @param sha256 - undefined where the file was changed */
  handleDigest(now: number, sha256: string | undefined): void {
    if (this.current !== 'digesting') return;
    if (sha256 === undefined) return this.abort('changed', 'the file was changed while it was sent');
    this.#sha256 = sha256;
    this.send({ type: 'end', sha256 });
    this.enter(now, 'ending');
  }

  #handleControl(now: number, control: ControlMessage): void {
    const state = this.current;
    if (control.type === 'working') return;
    if (control.type === 'abort') return this.fail(control.reason, control.text);
    if (control.type === 'refuse' && state === 'offered') return this.fail(control.reason, control.text);
    if (control.type === 'accept' && state === 'offered') return this.#accepted(now, control.marks);
    if (control.type === 'progress' && state !== 'offered' && state !== 'checking') {
      return this.#progressed(now, control.writtenBytes);
    }
    if (control.type === 'done' && state === 'ending') {
      this.#writtenBytes = this.#offer.sizeBytes;
      return this.finish({ kind: 'done', name: control.name, sha256: this.#sha256 });
    }
    this.abort('protocol', `"${control.type}" came out of turn`);
  }

  #accepted(now: number, marks: readonly Mark[]): void {
    let previous = 0;
    for (const { offsetBytes } of marks) {
      const isInOrder = offsetBytes > previous && offsetBytes <= this.#offer.sizeBytes;
      if (!isInOrder) return this.abort('protocol', 'the receiver has what the file has not');
      previous = offsetBytes;
    }
    this.enter(now, 'checking');
    if (marks.length === 0) return this.handleChecked(now, 0);
    this.workingAt = now + WORKING_MS;
    this.act({ type: 'check', marks });
  }

  #progressed(now: number, writtenBytes: number): void {
    const isPossible = writtenBytes >= this.#writtenBytes && writtenBytes <= this.#sentBytes;
    if (!isPossible) return this.abort('protocol', 'the receiver has written what was not sent');
    this.#writtenBytes = writtenBytes;
    this.#pump(now);
  }

  /** Reads on where neither the channel nor the receiver is full. */
  #pump(now: number): void {
    if (this.current !== 'sending' || this.#isReading) return;
    const leftBytes = this.#offer.sizeBytes - this.#sentBytes;
    if (leftBytes === 0) {
      this.enter(now, 'digesting');
      this.act({ type: 'digest' });
      return;
    }
    const lengthBytes = Math.min(READ_BYTES, leftBytes);
    const isOpen = this.#sentBytes - this.#writtenBytes + lengthBytes <= WINDOW_BYTES;
    if (!isOpen || this.#bufferedBytes >= BUFFER_HIGH_BYTES) return;
    this.#isReading = true;
    this.act({ type: 'read', lengthBytes });
  }

  get #stalledAt(): number {
    const { sizeBytes } = this.#offer;
    // While our own disk is read the receiver has nothing to say.
    if (this.current === 'checking') return this.stateSince + checkLimitMs(sizeBytes);
    // The receiver reads what it has, or brings the last of it to the disk.
    const isAtWork = this.current === 'offered' || this.current === 'ending';
    const limitAt = isAtWork ? this.stateSince + checkLimitMs(sizeBytes) : Number.POSITIVE_INFINITY;
    return Math.min(this.heardAt + STALL_MS, limitAt);
  }
}

// The receiving end of one file transfer: sans-I/O; its actions are drained by the owner after every input.
import { DecodeError } from '../../core/index.ts';
import { checkLimitMs, PROGRESS_BYTES, PROGRESS_MS, STALL_MS, WINDOW_BYTES, WORKING_MS } from './limits.ts';
import { type ControlMessage, parseControl } from './messages.ts';
import { type CommonAction, TransferEnd } from './transfer-end.ts';
import type { FileOffer, Mark, Refusal, TransferProgress } from './types.ts';

/**
 * `waiting` for an offer; `opening` the inbox looks whether and with what it begins; `accepted` the sender compares;
 * `receiving`; `draining` all came, not all is written; `finishing` the whole is proven and named; `over`.
 */
export type ReceiverState =
  | 'waiting'
  | 'opening'
  | 'accepted'
  | 'receiving'
  | 'draining'
  | 'finishing'
  | 'over';

/**
 * What the owner is to do. `open`, `write` and `finish` are answered by `handleOpened`, `handleWritten`,
 * `handleFinished`; `begin` needs no answer: writes wait for it. With `finished` comes what is to become of the file.
 */
export type ReceiverAction =
  | { readonly type: 'open'; readonly offer: FileOffer }
  | { readonly type: 'begin'; readonly offsetBytes: number }
  | { readonly type: 'write'; readonly bytes: Uint8Array }
  | { readonly type: 'finish'; readonly sha256: string }
  | CommonAction;

/** Takes one file. Made when the channel opens; everything that the sender says is checked. */
export class FileReceiver extends TransferEnd<ReceiverState, ReceiverAction> {
  #offer: FileOffer = { name: '', sizeBytes: 0, modifiedMs: 0 };
  #marks: readonly Mark[] = [];
  #resumedBytes = 0;
  #receivedBytes = 0;
  #writtenBytes = 0;
  #toldBytes = 0;
  #toldAt = 0;
  #sha256 = '';

  constructor(now: number) {
    super(now, 'waiting');
  }

  /** Undefined before there is one. */
  get offer(): FileOffer | undefined {
    return this.current === 'waiting' ? undefined : this.#offer;
  }

  get progress(): TransferProgress {
    const { sizeBytes } = this.#offer;
    return { doneBytes: this.#writtenBytes, resumedBytes: this.#resumedBytes, sizeBytes };
  }

  nextTimeoutAt(): number | undefined {
    if (this.current === 'over') return undefined;
    return Math.min(this.workingAt, this.#stalledAt, this.#progressAt);
  }

  handleTimeout(now: number): void {
    if (this.current === 'over') return;
    if (now >= this.#stalledAt) return this.fail('stalled', 'the sender has gone silent');
    if (now >= this.#progressAt) this.#tellProgress(now);
    this.tellWorking(now);
  }

  handleMessage(now: number, message: string | Uint8Array): void {
    if (this.current === 'over') return;
    if (typeof message !== 'string') return this.#handleData(now, message);
    const control = parseControl(message);
    if (control instanceof DecodeError) return this.abort('protocol', control.toString());
    this.#handleControl(now, control);
  }

  /** What the inbox says to the offer. */
  handleOpened(now: number, result: { readonly marks: readonly Mark[] } | Refusal): void {
    if (this.current !== 'opening') return;
    if ('reason' in result) {
      const { reason, text } = result;
      this.send({ type: 'refuse', reason, text });
      return this.fail(reason, text);
    }
    this.#marks = result.marks;
    this.send({ type: 'accept', marks: [...result.marks] });
    this.enter(now, 'accepted');
  }

  /** So much of the oldest bytes that are not written is. */
  handleWritten(now: number, lengthBytes: number): void {
    if (this.current !== 'receiving' && this.current !== 'draining') return;
    this.#writtenBytes += lengthBytes;
    if (this.#writtenBytes - this.#toldBytes >= PROGRESS_BYTES) this.#tellProgress(now);
    if (this.current === 'draining') this.#finishIfWritten(now);
  }

  /** @param name - of the file, or undefined where it has another SHA-256 than the sender's */
  handleFinished(name: string | undefined): void {
    if (this.current !== 'finishing') return;
    if (name === undefined) return this.abort('mismatch', 'what arrived is not what was sent');
    this.send({ type: 'done', name });
    this.finish({ kind: 'done', name, sha256: this.#sha256 });
  }

  #handleControl(now: number, control: ControlMessage): void {
    const state = this.current;
    // Heard where the sender has something to do; else nobody keeps us waiting by saying it again and again.
    if (control.type === 'working' && state === 'accepted') this.heardAt = now;
    if (control.type === 'working') return;
    if (control.type === 'abort') return this.fail(control.reason, control.text);
    if (control.type === 'offer' && state === 'waiting') return this.#offered(now, control);
    if (control.type === 'start' && state === 'accepted') return this.#started(now, control.offsetBytes);
    if (control.type === 'end' && state === 'receiving') return this.#ended(now, control.sha256);
    this.abort('protocol', `"${control.type}" came out of turn`);
  }

  #offered(now: number, { name, sizeBytes, modifiedMs }: FileOffer): void {
    this.#offer = { name, sizeBytes, modifiedMs };
    this.enter(now, 'opening');
    this.workingAt = now + WORKING_MS;
    this.act({ type: 'open', offer: this.#offer });
  }

  #started(now: number, offsetBytes: number): void {
    const isOurs = offsetBytes === 0 || this.#marks.some((mark) => mark.offsetBytes === offsetBytes);
    if (!isOurs) return this.abort('protocol', 'the sender starts where nothing was proven');
    this.#resumedBytes = offsetBytes;
    this.#receivedBytes = offsetBytes;
    this.#writtenBytes = offsetBytes;
    this.#toldBytes = offsetBytes;
    this.#toldAt = now;
    this.act({ type: 'begin', offsetBytes });
    this.enter(now, 'receiving');
  }

  #handleData(now: number, bytes: Uint8Array): void {
    if (this.current !== 'receiving') return this.abort('protocol', 'data came out of turn');
    this.heardAt = now;
    this.#receivedBytes += bytes.length;
    if (bytes.length === 0 || this.#receivedBytes > this.#offer.sizeBytes) {
      return this.abort('protocol', 'more came than was offered');
    }
    if (this.#receivedBytes - this.#writtenBytes > WINDOW_BYTES) {
      return this.abort('protocol', 'the sender does not wait for us');
    }
    this.act({ type: 'write', bytes });
  }

  #ended(now: number, sha256: string): void {
    if (this.#receivedBytes !== this.#offer.sizeBytes) {
      return this.abort('protocol', 'less came than was offered');
    }
    this.#sha256 = sha256;
    this.enter(now, 'draining');
    this.#finishIfWritten(now);
  }

  #finishIfWritten(now: number): void {
    if (this.#writtenBytes !== this.#offer.sizeBytes) return;
    this.enter(now, 'finishing');
    this.workingAt = now + WORKING_MS;
    this.act({ type: 'finish', sha256: this.#sha256 });
  }

  #tellProgress(now: number): void {
    this.#toldBytes = this.#writtenBytes;
    this.#toldAt = now;
    this.send({ type: 'progress', writtenBytes: this.#writtenBytes });
  }

  get #progressAt(): number {
    const isDue = this.current === 'receiving' && this.#writtenBytes > this.#toldBytes;
    return isDue ? this.#toldAt + PROGRESS_MS : Number.POSITIVE_INFINITY;
  }

  get #stalledAt(): number {
    const limitAt = this.stateSince + checkLimitMs(this.#offer.sizeBytes);
    switch (this.current) {
      // Our own disk is at work, and the sender has nothing to say.
      case 'opening':
      case 'draining':
      case 'finishing':
        return limitAt;
      case 'accepted':
        return Math.min(limitAt, this.heardAt + STALL_MS);
      default:
        return this.heardAt + STALL_MS;
    }
  }
}

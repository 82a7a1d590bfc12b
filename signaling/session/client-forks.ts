// The early dialogs of one INVITE of ours: one for each fork that was heard of (RFC 3261 §12.1).
import { Dialog } from '../dialog/index.ts';
import type { SipResponse } from '../message/index.ts';
import { MAX_FORKS } from './constants.ts';
import type { SessionBase } from './session-base.ts';

export interface Fork {
  readonly dialog: Dialog;
  lastRseq: number | undefined;
  /** Of a reliable provisional. */
  earlyAnswer: string | undefined;
}

/** Their dialogs are in the table of the user agent for as long as they are here. */
export class ClientForks {
  readonly #session: SessionBase;
  readonly #forks = new Map<string, Fork>();

  constructor(session: SessionBase) {
    this.#session = session;
  }

  get size(): number {
    return this.#forks.size;
  }

  /** The one that has been heard of for the longest. */
  get first(): Fork | undefined {
    return [...this.#forks.values()][0];
  }

  /** That of a response; undefined where it names none, or there are too many. */
  of(response: SipResponse): Fork | undefined {
    const tag = response.toTag;
    if (tag === undefined) return undefined;
    const known = this.#forks.get(tag);
    if (known) return known;
    if (this.#forks.size >= MAX_FORKS) return undefined;
    const dialog = Dialog.ofClient(this.#session.invite, response);
    const fork: Fork = { dialog, lastRseq: undefined, earlyAnswer: undefined };
    this.#forks.set(tag, fork);
    this.#session.host.dialogs.add(dialog, this.#session);
    return fork;
  }

  end(dialog: Dialog): void {
    this.#session.host.dialogs.remove(dialog);
    this.#forks.delete(dialog.remoteTag);
  }

  endAll(): void {
    for (const { dialog } of this.#forks.values()) this.#session.host.dialogs.remove(dialog);
    this.#forks.clear();
  }
}

// All dialogs of one user agent, found by Call-ID and tags.
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { Dialog } from './dialog.ts';

/** A dialog and whoever uses it. */
export interface DialogEntry<Owner> {
  readonly dialog: Dialog;
  readonly owner: Owner;
}

/** Finds dialogs and their owners. It holds what its owners put in: they bound their number, and take them out. */
export class DialogTable<Owner> {
  readonly #entries = new Map<string, DialogEntry<Owner>>();

  get size(): number {
    return this.#entries.size;
  }

  add(dialog: Dialog, owner: Owner): void {
    this.#entries.set(keyOf(dialog.callId, dialog.localTag, dialog.remoteTag), { dialog, owner });
  }

  /** Takes the dialog out; one that has the same identity and came later stays. */
  remove(dialog: Dialog): void {
    const key = keyOf(dialog.callId, dialog.localTag, dialog.remoteTag);
    if (this.#entries.get(key)?.dialog === dialog) this.#entries.delete(key);
  }

  /** RFC 3261 §12.2.2: both tags must fit, so that nobody reaches another's dialog by guessing its Call-ID. */
  findForRequest(request: SipRequest): DialogEntry<Owner> | undefined {
    return this.#entries.get(keyOf(request.callId, request.toTag ?? '', request.fromTag ?? ''));
  }

  /** The dialog within which we sent the request of this response. */
  findForResponse(response: SipResponse): DialogEntry<Owner> | undefined {
    return this.#entries.get(keyOf(response.callId, response.fromTag ?? '', response.toTag ?? ''));
  }
}

function keyOf(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}\n${localTag}\n${remoteTag}`;
}

// All dialogs of one user agent, found by Call-ID and tags.
import type { SipRequest } from '../message/index.ts';
import type { DialogId } from './dialog.ts';

/** Maps a dialog to its owner. */
export class DialogTable<Owner> {
  readonly #owners = new Map<string, Owner>();

  get size(): number {
    return this.#owners.size;
  }

  add(id: DialogId, owner: Owner): void {
    this.#owners.set(keyOf(id.callId, id.localTag, id.remoteTag), owner);
  }

  remove(id: DialogId): void {
    this.#owners.delete(keyOf(id.callId, id.localTag, id.remoteTag));
  }

  /** RFC 3261 §12.2.2: both tags must fit, so that nobody reaches another's dialog by guessing its Call-ID. */
  find(request: SipRequest): Owner | undefined {
    return this.#owners.get(keyOf(request.callId, request.toTag ?? '', request.fromTag ?? ''));
  }
}

function keyOf(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}\n${localTag}\n${remoteTag}`;
}

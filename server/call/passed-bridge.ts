// Two parties whose sound and data are secured end to end: their sessions are carried, and what they say within them.
import {
  type HeaderField,
  type RemoteOffer,
  refusePackage,
  type SessionEnd,
  type SessionEvents,
} from '../../signaling/index.ts';
import type { BridgeEnd } from './bridge.ts';
import { refusalFor } from './change-refusal.ts';
import { type PassedParty, readSecuredSdp, renewsPath } from './passed-media.ts';

/** Carries offers, INFO and MESSAGE between two answered parties until one session ends; then ends the other. */
export class PassedBridge {
  readonly ended: Promise<BridgeEnd>;
  readonly #caller: PassedParty;
  readonly #callee: PassedParty;
  #end: (end: BridgeEnd) => void = () => {};
  #farewell: readonly HeaderField[] = [];

  constructor(caller: PassedParty, callee: PassedParty) {
    this.#caller = caller;
    this.#callee = callee;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#listen(caller, callee, 'caller');
    this.#listen(callee, caller, 'callee');
  }

  /** Hangs up both. */
  hangUp(reason: string, status: number): void {
    this.#end({ by: 'server', reason });
    this.#farewell = [['Reason', `SIP;cause=${status};text="${reason}"`]];
    this.#caller.session.end({ headers: this.#farewell });
    this.#callee.session.end({ headers: this.#farewell });
  }

  #listen(party: PassedParty, other: PassedParty, by: 'caller' | 'callee'): void {
    const { session } = party;
    session.on('offer', (offer) => {
      this.#relayOffer(party, other, offer).catch(() => offer.reject(500));
    });
    session.on('request', (incoming) => relayRequest(incoming, other));
    const finish = (end: SessionEnd) => {
      // First: with the other session ends the conversation, too, and that end would say that it was us.
      this.#end({ by: end.by === 'local' ? 'server' : by, reason: end.reason });
      other.session.end({ headers: this.#farewell });
    };
    session.on('ended', finish);
    // It may have been hung up while the other side was being answered.
    if (session.state !== 'terminated') return;
    other.session.end();
    this.#end({ by, reason: 'hung up while being answered' });
  }

  async #relayOffer(party: PassedParty, other: PassedParty, offer: RemoteOffer): Promise<void> {
    // Without an offer there is nothing to pass on; what is not secured would need legs.
    const description = readSecuredSdp(offer.sdp);
    if (!description) return offer.reject(488);
    // A session refresh (RFC 4028 §7.4) repeats the description: nothing changes for the other side.
    if (party.media.localSdp && JSON.stringify(description) === JSON.stringify(party.media.remote)) {
      return offer.answer(party.media.localSdp);
    }
    // The phone that is not reached may come back: both give up by themselves where it does not.
    const survivesTimeout = renewsPath(description, party.media.remote);
    const proposed = other.media.offer(description);
    const { status, sdp } = await other.session.offer(proposed, { survivesTimeout });
    const answer = status < 300 ? readSecuredSdp(sdp) : undefined;
    if (!answer) return offer.reject(refusalFor(status));
    other.media.accept(answer);
    offer.answer(party.media.answer(description, answer));
  }
}

function relayRequest(incoming: SessionEvents['request'], other: PassedParty): void {
  const { request, respond } = incoming;
  if (refusePackage(incoming)) return;
  // REFER and NOTIFY steer a call; carried over blindly they would name dialogs that the other side never had.
  if (request.method !== 'INFO' && request.method !== 'MESSAGE') return respond(501);
  const { contentType, body } = request;
  void other.session
    .request(request.method, { body, ...(contentType ? { contentType } : {}) })
    .then((result) => respond(result.status));
}

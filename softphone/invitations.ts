// What becomes of an INVITE to the phone: whether it rings, and as what.
import type { Runtime } from '../core/index.ts';
import type { Flow, IncomingSession } from '../signaling/index.ts';
import type { CallIce } from './call-ice.ts';
import type { CallSound, CallSounds } from './call-sounds.ts';
import { IncomingPhoneCall } from './incoming-call.ts';
import type { OpenCalls } from './open-calls.ts';
import { MOST_CALLS, type SoftphoneOptions } from './options.ts';
import { IncomingDataCall } from './secure/data-call.ts';
import type { SecurePaths } from './secure/secure-paths.ts';
import { takesSecured } from './secure/secure-use.ts';
import { securedOfferOf } from './secure/secured-offer.ts';

/** Who is told of a call; what nobody listens for is refused. */
export interface Callee {
  readonly takesCalls: boolean;
  readonly takesData: boolean;
  handleCall(call: IncomingPhoneCall): void;
  handleDataCall(call: IncomingDataCall): void;
}

export interface InvitationParts {
  readonly options: SoftphoneOptions;
  readonly callee: Callee;
  readonly openCalls: OpenCalls;
  readonly sounds: CallSounds;
  readonly ice: CallIce;
  readonly secure: SecurePaths;
  /** Of what secured calls and files need; rejects where it is not to be had. */
  readonly loadLibrary: () => Promise<unknown>;
}

export class Invitations {
  readonly #runtime: Runtime;
  readonly #parts: InvitationParts;

  constructor(runtime: Runtime, parts: InvitationParts) {
    this.#runtime = runtime;
    this.#parts = parts;
  }

  handleInvite(session: IncomingSession, flow: Flow): void {
    const { options, loadLibrary } = this.#parts;
    const refusal = this.#refusal;
    if (refusal !== undefined) return session.reject(refusal);
    const secured = securedOfferOf(session.offerSdp);
    const isRefused = secured ? !takesSecured(options) : options.secure === 'required';
    if (isRefused) return session.reject(488);
    if (!secured) return this.#ring(session, flow);
    // Told before anything rings: on 488 the far end calls again without.
    loadLibrary().then(
      () => {
        const late = this.#refusal;
        if (late !== undefined) session.reject(late);
        else if (secured.hasSound) this.#ring(session, flow);
        else this.#takeData(session);
      },
      () => session.reject(488),
    );
  }

  /** Asked again when the package is loaded: meanwhile others may have called. */
  get #refusal(): number | undefined {
    const { options, openCalls } = this.#parts;
    if (openCalls.isClosing) return 480;
    return openCalls.size >= (options.maxCalls ?? MOST_CALLS) ? 486 : undefined;
  }

  #ring(session: IncomingSession, flow: Flow): void {
    const { callee, openCalls, ice } = this.#parts;
    if (session.state === 'terminated') return;
    if (!callee.takesCalls) return session.reject(480);
    const call = new IncomingPhoneCall(this.#runtime, session, {
      openSound: () => this.#soundFor(session, flow),
      // What is secured begins to look for the far end when it is opened, and gives up after a while.
      isPrepared: securedOfferOf(session.offerSdp) === undefined && ice.asksServers,
    });
    callee.handleCall(openCalls.keep(call));
  }

  #soundFor({ offerSdp }: IncomingSession, flow: Flow): Promise<CallSound> {
    const { sounds } = this.#parts;
    if (securedOfferOf(offerSdp)) return sounds.openSecured(offerSdp);
    // RFC 8445 §6.1.1: whoever offers first controls.
    return sounds.open(flow.remote.address, offerSdp === undefined ? 'controlling' : 'controlled');
  }

  #takeData(session: IncomingSession): void {
    const { callee, openCalls, secure } = this.#parts;
    if (session.state === 'terminated') return;
    if (!callee.takesData) return session.reject(488);
    const { offerSdp } = session;
    const open = () => secure.open({ hasSound: false, channels: [], offerSdp });
    callee.handleDataCall(openCalls.keepData(new IncomingDataCall(this.#runtime, session, open)));
  }
}

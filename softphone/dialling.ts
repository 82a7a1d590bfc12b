// What a phone asks of others: calls, channels for files, and whether they are there.
import { codeOf, type Endpoint, messageOf, type Runtime } from '../core/index.ts';
import {
  type NameAddr,
  NO_PARAMETERS,
  type OutgoingSession,
  sipUri,
  type UserAgent,
} from '../signaling/index.ts';
import { type Account, type Destination, parseTarget } from './account.ts';
import type { CallSound, CallSounds } from './call-sounds.ts';
import type { Line, NoLine } from './files/delivery.ts';
import type { OpenCalls } from './open-calls.ts';
import type { SoftphoneOptions } from './options.ts';
import { OutgoingPhoneCall } from './outgoing-call.ts';
import type { PingReply } from './ping.ts';
import { dialData } from './secure/data-call.ts';
import { wasRefusedAsSecured } from './secure/refusal.ts';
import type { SecurePaths } from './secure/secure-paths.ts';
import { checkPathUse } from './secure/secure-use.ts';

export interface DiallingParts {
  readonly options: SoftphoneOptions;
  readonly userAgent: UserAgent;
  readonly account: Account | undefined;
  /** Where SIP is listened for. */
  readonly local: Endpoint;
  readonly openCalls: OpenCalls;
  readonly sounds: CallSounds;
  readonly secure: SecurePaths;
}

/** Rejects as the methods of the phone do, which are these. */
/** RFC 3261 §8.1.3.1: as if it had been answered so. */
const REQUEST_TIMEOUT = 408;

export class Dialling {
  readonly #runtime: Runtime;
  readonly #parts: DiallingParts;

  constructor(runtime: Runtime, parts: DiallingParts) {
    this.#runtime = runtime;
    this.#parts = parts;
  }

  async call(target: string): Promise<OutgoingPhoneCall> {
    const { options, sounds } = this.#parts;
    const destination = this.#destination(target);
    if (options.secure === 'required') return this.#place(destination, () => sounds.openSecured());
    if (options.secure === 'auto') {
      const secured = this.#place(destination, () => sounds.openSecured());
      const call = await secured.catch((error: unknown) => {
        if (codeOf(error) !== 'SECURE_UNAVAILABLE') throw error;
        this.#runtime.log.warn({ reason: messageOf(error) }, 'call not secured');
      });
      if (call && !(await wasRefusedAsSecured(call))) return call;
    }
    const hop = destination.routeSet?.[0]?.uri ?? destination.uri;
    const peer = hop.scheme === 'sip' || hop.scheme === 'sips' ? hop.host : '';
    return this.#place(destination, () => sounds.open(peer, 'controlling'));
  }

  async openData(target: string, label: string, signal?: AbortSignal): Promise<Line | NoLine> {
    const { options, openCalls } = this.#parts;
    checkPathUse(options, 'files');
    const destination = this.#destination(target);
    openCalls.checkOpen();
    const peer = await this.#parts.secure.open({ hasSound: false, channels: [label] });
    // It took a while to gather addresses.
    if (openCalls.isClosing) peer.close();
    openCalls.checkOpen();
    return dialData({ peer, invite: (sdp) => this.#invite(destination, sdp), signal });
  }

  async ping(
    target: string,
    { sequence = 1, timeoutMs = 1000 }: { readonly sequence?: number; readonly timeoutMs?: number },
  ): Promise<PingReply> {
    const destination = this.#destination(target);
    const startedAt = this.#runtime.clock.now();
    const result = await this.#parts.userAgent.request('OPTIONS', {
      target: destination.uri,
      from: this.#from(),
      headers: [['Accept', 'application/sdp']],
      timeoutMs,
      ...(destination.routeSet ? { routeSet: destination.routeSet } : {}),
    });
    const { status, reason } = result;
    if (!result.response) {
      return { sequence, roundTripMs: null, status: null, reason, isTimeout: status === REQUEST_TIMEOUT };
    }
    const roundTripMs = this.#runtime.clock.now() - startedAt;
    return { sequence, roundTripMs, status, reason, isTimeout: false };
  }

  async #place(destination: Destination, open: () => Promise<CallSound>): Promise<OutgoingPhoneCall> {
    const { openCalls } = this.#parts;
    openCalls.checkOpen();
    const sound = await openCalls.openSound(open);
    const session = this.#invite(destination, sound.negotiation.offer('sendrecv'));
    return openCalls.keep(new OutgoingPhoneCall(this.#runtime, session, sound));
  }

  #invite(destination: Destination, sdp: string): OutgoingSession {
    const { userAgent, account } = this.#parts;
    return userAgent.invite({
      target: destination.uri,
      from: this.#from(),
      sdp,
      ...(destination.routeSet ? { routeSet: destination.routeSet } : {}),
      ...(account?.credentials ? { credentials: account.credentials } : {}),
    });
  }

  #destination(target: string): Destination {
    const { account, transport = 'udp' } = this.#parts.options;
    return parseTarget(target, { server: account?.server, transport });
  }

  #from(): NameAddr {
    const { account, local } = this.#parts;
    if (account) return account.aor;
    const host = isWildcard(local.address) ? 'localhost' : local.address;
    return {
      displayName: undefined,
      // RFC 3261 §8.1.1.3: nobody vouches for a phone without an account.
      uri: sipUri({ user: 'anonymous', host }),
      parameters: NO_PARAMETERS,
    };
  }
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

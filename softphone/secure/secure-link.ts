// The secured path of one call: one association, and where that breaks, another one in its place between the same two keys.
import { type CancelTimer, type Endpoint, messageOf, type Runtime } from '../../core/index.ts';
import type { IceState } from '../../nat/index.ts';
import type { SessionDescription } from '../../signaling/index.ts';
import type { SecuredPath } from './secure-negotiation.ts';
import type { SecuredFacts, SecurePeer } from './secure-peer.ts';
import type { PacketPath } from './track-socket.ts';

/** What the link uses of an association. */
export type LinkPeer = Pick<
  SecurePeer,
  | 'description'
  | 'local'
  | 'facts'
  | 'channels'
  | 'onPacket'
  | 'onChannel'
  | 'onConnected'
  | 'onLost'
  | 'onFailure'
  | 'accept'
  | 'sendPacket'
  | 'close'
>;

export type LinkChannel = SecurePeer['channels'][number];

export interface SecureLinkOptions {
  /** Opened for this call. */
  readonly peer: LinkPeer;
  /** Opens another with the same certificate of ours; as an answer, where an offer is given. */
  readonly open: (offerSdp?: string) => Promise<LinkPeer>;
  /** Of the far end; not given where we called. */
  readonly offerSdp?: string | undefined;
}

/** A far end that agreed to send and is not heard for so long is believed to be cut off. */
const SILENCE_MS = 1500;
/** Who was called leaves it to the caller to mend it, for so long: two offers at once would refuse each other. */
const CALLEE_WAITS_MS = 3000;
/** Without any path the call ends after so long. */
const LOST_LIMIT_MS = 60_000;

/** Whoever opens it closes it; it closes its peers. */
export class SecureLink implements SecuredPath, PacketPath {
  onPacket: ((bytes: Uint8Array) => void) | undefined;
  /** A data channel, ours or the far end's, of the association in use. */
  onChannel: ((channel: LinkChannel) => void) | undefined;
  onConnected: (() => void) | undefined;
  /** Whether another association is wanted. */
  onState: ((state: IceState) => void) | undefined;
  /** Once: there is no way any more, but where we closed it. */
  onFailure: ((reason: string) => void) | undefined;
  readonly #runtime: Runtime;
  readonly #open: SecureLinkOptions['open'];
  readonly #isCallee: boolean;
  #current: LinkPeer;
  /** Takes the place of the current one as soon as it is connected. */
  #next: LinkPeer | undefined;
  /** Offered, and not answered. */
  #isProposed = false;
  /** Of the far end, as the first description tells: it holds for the whole call. */
  #fingerprints: string | undefined;
  /** By DTLS, when it was first connected. */
  #provenKey: string | undefined;
  #remoteUfrag: string | undefined;
  #connectedAt: number | undefined;
  #changes = 0;
  #heardAt = 0;
  #isLost = false;
  #isSilent = false;
  #isClosed = false;
  #cancelReport: CancelTimer = () => {};
  #cancelLimit: CancelTimer = () => {};

  constructor(runtime: Runtime, { peer, open, offerSdp }: SecureLinkOptions) {
    this.#runtime = runtime;
    this.#open = open;
    this.#isCallee = offerSdp !== undefined;
    this.#current = peer;
    if (offerSdp !== undefined) this.#learn(offerSdp);
    this.#listen(peer);
  }

  /** Ours, for the offer or answer that is next. */
  get description(): SessionDescription {
    return (this.#next ?? this.#current).description;
  }

  get local(): Endpoint {
    return this.#current.local;
  }

  get channels(): readonly LinkChannel[] {
    return this.#current.channels;
  }

  get facts(): SecuredFacts {
    const facts = this.#current.facts;
    return { ...facts, connectedAt: this.#connectedAt ?? facts.connectedAt, changes: this.#changes };
  }

  /** When the far end was last heard over the association in use, in monotonic milliseconds. */
  get heardAt(): number {
    return this.#heardAt;
  }

  accept(answerSdp: string): void {
    if (this.#fingerprints === undefined) this.#learn(answerSdp);
    if (!this.#isProposed || !this.#next) return this.#current.accept(answerSdp);
    this.#isProposed = false;
    if (!this.#isSameKey(answerSdp)) return this.#refuseKey();
    this.#learn(answerSdp);
    this.#next.accept(answerSdp);
  }

  /** Opens another association to be offered. Never rejects. */
  async renew(): Promise<boolean> {
    return this.#replaceNext(undefined);
  }

  /** The offer of {@link SecureLink.renew} was refused, or not answered. */
  abandon(): void {
    if (this.#isProposed) this.#dropNext();
  }

  /** Takes an offer of the far end, which may be for another association. @returns false where it has to be refused */
  async take(offerSdp: string): Promise<boolean> {
    if (ufragOf(offerSdp) === this.#remoteUfrag) return true;
    if (!this.#isSameKey(offerSdp)) {
      this.#runtime.log.warn({}, 'offer with another certificate in a secured call refused');
      return false;
    }
    if (!(await this.#replaceNext(offerSdp))) return false;
    this.#learn(offerSdp);
    return true;
  }

  /** How long the far end is not heard that should be. */
  noteSilence(silentMs: number): void {
    const isSilent = silentMs >= SILENCE_MS;
    // Once: a far end that keeps silent over another association, too, has nothing to say.
    if (isSilent && !this.#isSilent) this.#lost();
    this.#isSilent = isSilent;
  }

  sendPacket(bytes: Uint8Array): void {
    this.#current.sendPacket(bytes);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelReport();
    this.#cancelLimit();
    this.#dropNext();
    this.#current.close();
  }

  async #replaceNext(offerSdp: string | undefined): Promise<boolean> {
    try {
      const peer = await this.#open(offerSdp);
      if (this.#isClosed) {
        peer.close();
        return false;
      }
      this.#dropNext();
      this.#next = peer;
      this.#isProposed = offerSdp === undefined;
      this.#listen(peer);
      return true;
    } catch (error) {
      this.#runtime.log.warn({ reason: messageOf(error) }, 'secured path not renewed');
      return false;
    }
  }

  #dropNext(): void {
    const next = this.#next;
    this.#next = undefined;
    this.#isProposed = false;
    if (next) this.#discard(next);
  }

  #discard(peer: LinkPeer): void {
    peer.onPacket = undefined;
    peer.onChannel = undefined;
    peer.onConnected = undefined;
    peer.onLost = undefined;
    peer.onFailure = undefined;
    peer.close();
  }

  #listen(peer: LinkPeer): void {
    peer.onPacket = (bytes) => this.#receive(peer, bytes);
    peer.onConnected = () => this.#connected(peer);
    peer.onChannel = (channel) => {
      // It comes over a connection, whatever is told first.
      this.#connected(peer);
      this.onChannel?.(channel);
    };
    peer.onLost = () => {
      if (peer === this.#current) this.#lost();
    };
    peer.onFailure = (reason) => this.#failed(peer, reason);
  }

  #receive(peer: LinkPeer, bytes: Uint8Array): void {
    if (peer === this.#current) this.#heard();
    this.onPacket?.(bytes);
  }

  #heard(): void {
    this.#heardAt = this.#runtime.clock.now();
    if (this.#isLost) this.#found();
  }

  #connected(peer: LinkPeer): void {
    if (this.#isClosed || (peer === this.#current && this.#connectedAt !== undefined)) return;
    const { fingerprint } = peer.facts;
    this.#provenKey ||= fingerprint;
    if (fingerprint !== this.#provenKey) return this.#refuseKey();
    this.#connectedAt ??= this.#runtime.clock.now();
    if (peer === this.#next) this.#swap(peer);
    this.#found();
    this.onConnected?.();
  }

  #swap(peer: LinkPeer): void {
    const old = this.#current;
    this.#current = peer;
    this.#next = undefined;
    this.#changes += 1;
    this.#discard(old);
    for (const channel of peer.channels) this.onChannel?.(channel);
  }

  #failed(peer: LinkPeer, reason: string): void {
    if (peer === this.#next) return this.#dropNext();
    // Before there was any path, another one would find no more than this one.
    if (this.#connectedAt === undefined) this.#end(reason);
    else this.#lost();
  }

  #found(): void {
    this.#isLost = false;
    this.#cancelReport();
    this.#cancelLimit();
    this.onState?.('connected');
  }

  #lost(): void {
    if (this.#isLost || this.#isClosed || this.#connectedAt === undefined) return;
    this.#isLost = true;
    const now = this.#runtime.clock.now();
    const waitMs = this.#isCallee ? CALLEE_WAITS_MS : 0;
    this.#cancelReport = this.#runtime.setTimer(now + waitMs, () => this.onState?.('disconnected'));
    this.#cancelLimit = this.#runtime.setTimer(now + LOST_LIMIT_MS, () => this.#end('the path broke'));
  }

  #refuseKey(): void {
    this.#dropNext();
    this.#end('the far end has another certificate than before');
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.close();
    this.onFailure?.(reason);
  }

  #learn(sdp: string): void {
    this.#fingerprints ??= fingerprintsOf(sdp);
    this.#remoteUfrag = ufragOf(sdp);
  }

  /** Whoever is in the signaling must not take the far end's place in the middle of a call. */
  #isSameKey(sdp: string): boolean {
    return fingerprintsOf(sdp) === this.#fingerprints;
  }
}

/** All that a description names, each once. */
function fingerprintsOf(sdp: string): string {
  const found = [...sdp.matchAll(/^a=fingerprint:(\S+ [0-9A-F:]+)/gim)].map(([, text = '']) =>
    text.toUpperCase(),
  );
  return [...new Set(found)].toSorted().join();
}

function ufragOf(sdp: string): string | undefined {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
}

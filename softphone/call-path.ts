// The way of a call's sound where both ends speak ICE: a path that looks like the two sockets of a call without.
import { type DatagramHandler, type Endpoint, isSameEndpoint, type UdpSocket } from '../core/index.ts';
import {
  type IceDescription,
  type IcePath,
  type IceState,
  isSameCredentials,
  type SelectedPath,
} from '../nat/index.ts';
import type { CallSockets } from './call-sockets.ts';
import type { AgreedSound, LocalIce } from './negotiation.ts';

/** RTP, which shares its port with RTCP where the peer speaks ICE. */
const RTP = 1;

/** Sound that does not come for so long may mean that its way is gone: several packets, and no silence of a codec. */
const SUSPICIOUS_MS = 400;
/** And how often that is looked into. */
const PROBE_INTERVAL_MS = 1000;

/** Where a path stands, and what became of it. */
export interface PathFacts {
  /** Undefined where sound goes to where the description of the far end says. */
  readonly selected: SelectedPath | undefined;
  /** Where that description says; undefined before the answer. */
  readonly described: Endpoint | undefined;
  /** The far end only answers checks: a server, and nobody else's path. */
  readonly isLite: boolean;
  /** When the first path was found, in monotonic milliseconds. */
  readonly firstFoundAt: number | undefined;
  /** How often another one took its place, or sound had to go without one again. */
  readonly changes: number;
  /** URIs of servers that a person named, and that do not answer. */
  readonly silentServers: readonly string[];
}

export interface CallPathParts {
  readonly path: IcePath;
  /** The pair that a call without ICE would have: `rtp` is bound for the path, which owns it. */
  readonly sockets: CallSockets;
  readonly now: () => number;
  /** Of our interfaces as of now: others, where the machine has moved to another network. */
  readonly addresses: () => readonly string[];
  /** Only paths through a relay, also before one is selected. */
  readonly isRelayOnly: boolean;
  /** URIs of the servers that a person named: others need not answer. */
  readonly namedServers: readonly string[];
}

/**
 * Sound goes to where the far end's description says at once, and over the path as soon as there is one; when it is
 * given up, back to there. What comes over the path is handed up as if it came from there, so that nobody above sees
 * the difference; what comes from elsewhere, and did not prove itself, is dropped and counted.
 */
export class CallPath implements LocalIce {
  readonly sockets: CallSockets;
  /** Another path than before, or none any more. */
  onChange: (() => void) | undefined;
  onState: ((state: IceState) => void) | undefined;
  readonly #path: IcePath;
  readonly #rtp: UdpSocket;
  readonly #now: () => number;
  readonly #addresses: () => readonly string[];
  readonly #isRelayOnly: boolean;
  readonly #namedServers: readonly string[];
  readonly #front: FrontSocket;
  #described: Endpoint | undefined;
  #remoteIce: IceDescription | undefined;
  #firstFoundAt: number | undefined;
  #changes = 0;
  #wasSelected: SelectedPath | undefined;
  #unproven = 0;
  #lastProbeAt = Number.NEGATIVE_INFINITY;

  constructor({ path, sockets, now, addresses, isRelayOnly, namedServers }: CallPathParts) {
    this.#path = path;
    this.#rtp = sockets.rtp;
    this.#now = now;
    this.#addresses = addresses;
    this.#isRelayOnly = isRelayOnly;
    this.#namedServers = namedServers;
    this.#front = new FrontSocket(sockets.rtp.local, {
      send: (bytes, address, port) => this.#send(bytes, { address, port }),
      close: () => path.close(),
    });
    this.sockets = { rtp: this.#front, rtcp: sockets.rtcp };
    path.onData = (_component, bytes, source, isProven) => this.#receive(bytes, source, isProven);
    path.onSelected = () => this.#note();
    path.onState = (state) => {
      this.#note();
      this.onState?.(state);
    };
  }

  get local(): IceDescription {
    return this.#path.local;
  }

  get state(): IceState {
    return this.#path.state;
  }

  /** Whether both ends have agreed on ICE. */
  get isAgreed(): boolean {
    return this.#remoteIce !== undefined;
  }

  get facts(): PathFacts {
    return {
      selected: this.#selected,
      described: this.#described,
      isLite: this.#remoteIce?.isLite === true,
      firstFoundAt: this.#firstFoundAt,
      changes: this.#changes,
      silentServers: this.#path.silentServers.filter((uri) => this.#namedServers.includes(uri)),
    };
  }

  /** Packets that came from nobody who had proven himself. */
  get unproven(): number {
    return this.#unproven;
  }

  /** Begins anew for a description of ours; resolves when there are candidates for it. */
  async renew(): Promise<void> {
    this.#path.restart(this.#addresses());
    await this.#path.gathered;
  }

  /** Resolves when nothing is open any more: relays are given back after {@link CallPath.close}. Never rejects. */
  get closed(): Promise<void> {
    return this.#path.closed;
  }

  /** Both sockets. */
  close(): void {
    this.#path.close();
    this.sockets.rtcp.close();
  }

  /** Takes over what was agreed on: where the far end's description points, and its ICE. */
  agree({ remote, ice, isOther }: AgreedSound): void {
    if (isOther) this.#forget();
    this.#described = remote.rtp;
    this.#remoteIce = ice;
    if (ice) this.#path.setRemote(ice);
    this.#note();
  }

  /** Tells how long sound that should come does not. */
  noteSilence(silentMs: number): void {
    if (silentMs < SUSPICIOUS_MS || !this.#selected) return;
    const now = this.#now();
    if (now - this.#lastProbeAt < PROBE_INTERVAL_MS) return;
    this.#lastProbeAt = now;
    this.#path.probe();
  }

  /** Candidates that followed the description of the far end; those of an earlier exchange mean nothing any more. */
  addRemote(added: IceDescription): void {
    const known = this.#remoteIce?.credentials;
    if (known && isSameCredentials(known, added.credentials)) this.#path.setRemote(added);
  }

  /** What was found with the peer before leads to nobody any more, and is none of this call's history. */
  #forget(): void {
    this.#path.forgetRemote();
    this.#firstFoundAt = undefined;
    this.#wasSelected = undefined;
    this.#changes = 0;
  }

  get #selected(): SelectedPath | undefined {
    return this.#remoteIce && this.#path.selected(RTP);
  }

  #send(bytes: Uint8Array, described: Endpoint): void {
    // A path that an earlier far end agreed to is none to the one that there is now.
    const isStale = !this.#remoteIce && this.#path.selected(RTP) !== undefined;
    if (isStale && !this.#isRelayOnly) this.#rtp.send(bytes, described.address, described.port);
    else if (!isStale) this.#path.send(RTP, bytes, described);
  }

  #receive(bytes: Uint8Array, source: Endpoint, isProven: boolean): void {
    const described = this.#described;
    const isDescribed = described !== undefined && isSameEndpoint(source, described);
    if (!this.#remoteIce || isDescribed) this.#front.receive(bytes, source);
    else if (isProven && described) this.#front.receive(bytes, described);
    else this.#unproven += 1;
  }

  #note(): void {
    const selected = this.#selected;
    const before = this.#wasSelected;
    this.#wasSelected = selected;
    if (isSamePath(before, selected)) return;
    if (this.#firstFoundAt !== undefined) this.#changes += 1;
    else if (selected) this.#firstFoundAt = this.#now();
    this.onChange?.();
  }
}

function isSamePath(a: SelectedPath | undefined, b: SelectedPath | undefined): boolean {
  if (!a || !b) return a === b;
  return a.base === b.base && isSameEndpoint(a.remote, b.remote);
}

/** What the session sees instead of the path. */
class FrontSocket implements UdpSocket {
  readonly local: Endpoint;
  onDatagram: DatagramHandler | undefined;
  onError: ((error: Error) => void) | undefined;
  readonly #back: Pick<UdpSocket, 'send' | 'close'>;

  constructor(local: Endpoint, back: Pick<UdpSocket, 'send' | 'close'>) {
    this.local = local;
    this.#back = back;
  }

  receive(bytes: Uint8Array, { address, port }: Endpoint): void {
    this.onDatagram?.(bytes, address, port);
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    this.#back.send(bytes, address, port);
  }

  close(): void {
    this.#back.close();
  }
}

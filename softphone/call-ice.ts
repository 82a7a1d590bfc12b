// Opens the path of one call: which addresses of ours it may use, and whom it asks for more.
import { addressFamily, addressScope, OperationError, type Runtime } from '../core/index.ts';
import {
  formatStunUri,
  formatTurnUri,
  type IcePath,
  type IcePathOptions,
  type IceRole,
  type OpenIcePath,
  usefulAddresses,
} from '../nat/index.ts';
import { CallPath } from './call-path.ts';
import type { CallSockets } from './call-sockets.ts';
import { iceServersFor } from './ice-servers.ts';
import type { MediaPlace } from './negotiation.ts';
import type { SoftphoneOptions } from './options.ts';
import type { RegistrarRelays } from './registrar-relays.ts';

export interface CallIceParts {
  readonly options: SoftphoneOptions;
  /** Not given where calls do without. */
  readonly openPath: OpenIcePath | undefined;
  readonly relays: RegistrarRelays;
}

export interface CallIceRequest {
  readonly sockets: CallSockets;
  readonly role: IceRole;
  /** Numeric address of the far end or the server. */
  readonly peer: string | undefined;
}

/** A path whose candidates are gathered, and where we are reached without ICE. */
export interface OpenedPath {
  readonly path: CallPath;
  readonly place: MediaPlace;
  /** Whether the far end is told of it; else it only found out where we are. */
  readonly isOffered: boolean;
}

export class CallIce {
  readonly #runtime: Runtime;
  readonly #parts: CallIceParts;
  /** Of paths that are not closed yet. */
  readonly #closing = new Set<Promise<void>>();

  constructor(runtime: Runtime, parts: CallIceParts) {
    this.#runtime = runtime;
    this.#parts = parts;
  }

  /** Whether a call has to ask servers, so that it had better begin while it rings. */
  get asksServers(): boolean {
    const { options, relays } = this.#parts;
    if (this.#isUnused) return false;
    return options.stunServer !== undefined || [...(options.turnServers ?? []), ...relays.known].length > 0;
  }

  /**
   * @returns undefined where calls do without
   * @throws OperationError `SOFTPHONE_NO_RELAY` where only relays may be used and there is none; the sockets are closed
   */
  async open(request: CallIceRequest): Promise<OpenedPath | undefined> {
    const { openPath, options } = this.#parts;
    if (this.#isUnused || !openPath) return undefined;
    const { sockets } = request;
    const path = await openPath(this.#runtime, await this.#optionsFor(request)).catch((error: unknown) => {
      sockets.rtp.close();
      sockets.rtcp.close();
      throw error;
    });
    await path.gathered;
    const isRelayOnly = options.ice === 'relay';
    const now = () => this.#runtime.clock.now();
    const addresses = () => this.#addressesFrom(sockets.rtp.local.address);
    const namedServers = namedServersOf(options);
    const callPath = new CallPath({ path, sockets, now, addresses, isRelayOnly, namedServers });
    this.#closing.add(path.closed);
    void path.closed.then(() => this.#closing.delete(path.closed));
    if (isRelayOnly && path.local.candidates.length === 0) {
      callPath.close();
      throw new OperationError(
        'SOFTPHONE_NO_RELAY',
        'no TURN server gave a relay; name one by --turn, or call without --ice relay',
      );
    }
    return { path: callPath, place: this.#placeOf(path, sockets), isOffered: this.#isOffered };
  }

  /** Resolves when nothing of the paths of past calls is open any more; relays are given back after a call. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing);
  }

  get #isOffered(): boolean {
    return this.#parts.options.ice !== 'off';
  }

  /** Without ICE a server may still be asked where we are. */
  get #isUnused(): boolean {
    return !this.#isOffered && this.#parts.options.stunServer === undefined;
  }

  async #optionsFor({ sockets, role, peer }: CallIceRequest): Promise<IcePathOptions> {
    const { options, relays } = this.#parts;
    const { network } = this.#runtime;
    const { address } = sockets.rtp.local;
    const server = options.account ? peer : undefined;
    const { stunServers, turnServers, gatherLimitMs } = iceServersFor({
      options,
      // Without any relay the server's leg is left; but for who wants nothing else it is worth to ask.
      registered: options.ice === 'relay' ? await relays.ask() : relays.known,
      address,
      server,
    });
    return {
      addresses: this.#addressesFrom(address),
      bindUdp: async (local) =>
        local === address ? sockets.rtp : network.bindUdp({ address: local, port: 0 }),
      role,
      components: 1,
      stunServers,
      turnServers: this.#isOffered ? turnServers : [],
      isRelayOnly: options.ice === 'relay',
      gatherLimitMs,
    };
  }

  /**
   * The one that leads to the far end, and others that far ends may reach us at: through another interface, or by the other
   * family. A person who names one address means that one.
   */
  #addressesFrom(address: string): readonly string[] {
    const { network } = this.#runtime;
    if (!this.#isOffered || this.#parts.options.localAddress !== undefined) return [address];
    const others = usefulAddresses(network.localAddresses()).filter((other) => other !== address);
    const ofFamily = (family: number) =>
      others.filter((other) => addressFamily(other) === family && !isLoopback(other)).slice(0, MOST_OTHERS);
    return [address, ...ofFamily(4), ...ofFamily(6)];
  }

  /**
   * The server mends what a NAT changes, and knows our host address as that of the flow on which we register. A far end
   * that is called without one is told our address outside.
   */
  #placeOf(path: IcePath, { rtp, rtcp }: CallSockets): MediaPlace {
    const { options } = this.#parts;
    const isHost =
      options.ice !== 'relay' && options.account !== undefined && options.stunServer === undefined;
    const { address, port } = isHost ? rtp.local : path.defaultCandidate(1);
    const isAtHome = address === rtp.local.address && port === rtp.local.port;
    return { address, rtpPort: port, rtcpPort: isAtHome ? rtcp.local.port : port + 1 };
  }
}

function namedServersOf({ stunServer, turnServers = [] }: SoftphoneOptions): readonly string[] {
  return [...(stunServer ? [formatStunUri(stunServer)] : []), ...turnServers.map(formatTurnUri)];
}

/** Of each family: every address costs a socket and checks, and offers must fit into a datagram. */
const MOST_OTHERS = 2;

function isLoopback(address: string): boolean {
  return addressScope(address) === 'loopback';
}

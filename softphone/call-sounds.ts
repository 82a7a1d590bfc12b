// Opens the sound of each call: ports, source, sink, and the description that offers them.
import { addressFamily, OperationError, type Runtime } from '../core/index.ts';
import { type CodecRegistry, SilenceSource } from '../media/index.ts';
import type { IceRole } from '../nat/index.ts';
import { type HeaderField, RECV_TRICKLE_ICE } from '../signaling/index.ts';
import { Echo } from './audio/echo.ts';
import type { CallIce } from './call-ice.ts';
import { CallMedia, type SilenceWatch } from './call-media.ts';
import type { CallPath } from './call-path.ts';
import { type CallSockets, openCallSockets } from './call-sockets.ts';
import { type CallNegotiation, type MediaPlace, Negotiation } from './negotiation.ts';
import type { SoftphoneOptions } from './options.ts';
import { makeCertificate } from './secure/certificate.ts';
import { CHAT_LABEL } from './secure/chat.ts';
import { SecureLink } from './secure/secure-link.ts';
import { SecureNegotiation } from './secure/secure-negotiation.ts';
import type { SecurePaths } from './secure/secure-paths.ts';
import { socketsOver } from './secure/track-socket.ts';

/** The ports and the description of a call's sound; whoever opens it hands it to the call, which closes it. */
export interface CallSound {
  readonly media: CallMedia;
  readonly negotiation: CallNegotiation;
  /** Where we speak ICE; closed with the media. */
  readonly path?: CallPath | undefined;
  /** Where sound goes over DTLS-SRTP; closed with the media. */
  readonly secure?: SecureLink | undefined;
  /** Go with our 2xx to an INVITE. */
  readonly headers?: readonly HeaderField[];
}

export class CallSounds {
  readonly #runtime: Runtime;
  readonly #options: SoftphoneOptions;
  readonly #codecs: CodecRegistry;
  readonly #ice: CallIce;
  readonly #secure: SecurePaths;
  /** RFC 7022 §4.2: one random name for all streams of this phone. */
  readonly #cname: string;

  constructor(
    runtime: Runtime,
    parts: {
      readonly options: SoftphoneOptions;
      readonly codecs: CodecRegistry;
      readonly ice: CallIce;
      readonly secure: SecurePaths;
    },
  ) {
    this.#runtime = runtime;
    this.#options = parts.options;
    this.#codecs = parts.codecs;
    this.#ice = parts.ice;
    this.#secure = parts.secure;
    this.#cname = runtime.random.token(20);
  }

  /**
   * @param peer - host of the far end or of the server: decides from which of our addresses the sound comes
   * @param role - RFC 8445 §6.1.1: whoever calls is `controlling`
   * @throws OperationError where no port is free, or no codec could be loaded
   */
  async open(peer: string, role: IceRole): Promise<CallSound> {
    this.#checkCodecs();
    const remote = await this.#resolve(peer.replace(/^\[|\]$/g, ''));
    const pair = await openCallSockets(this.#runtime, await this.#addressToward(remote));
    const opened = await this.#ice.open({ sockets: pair, role, peer: remote });
    const path = opened?.path;
    const media = this.#mediaOver(path?.sockets ?? pair, path, path);
    const ice = opened?.isOffered ? path : undefined;
    const negotiation = this.#negotiation(opened?.place ?? placeOf(pair), ice);
    return { media, negotiation, path, headers: ice ? [RECV_TRICKLE_ICE] : [] };
  }

  /**
   * Sound over DTLS-SRTP, and chat beside it.
   *
   * @param offerSdp - the far end's offer; not given where we offer
   * @throws OperationError `SECURE_UNAVAILABLE` where the package for it has no binary
   */
  async openSecured(offerSdp?: string): Promise<CallSound> {
    this.#checkCodecs();
    const certificate = makeCertificate(this.#runtime);
    const open = (offer?: string) =>
      this.#secure.open({ hasSound: true, channels: [CHAT_LABEL], certificate, offerSdp: offer });
    const secure = new SecureLink(this.#runtime, { peer: await open(offerSdp), open, offerSdp });
    const { address, port } = secure.local;
    const plain = this.#negotiation({ address, rtpPort: port, rtcpPort: port }, undefined);
    const media = this.#mediaOver(socketsOver(secure), secure);
    return { media, negotiation: new SecureNegotiation(plain, secure), secure };
  }

  #checkCodecs(): void {
    if (this.#codecs.descriptions.length > 0) return;
    throw new OperationError(
      'SOFTPHONE_NO_CODEC',
      'no codec could be loaded, so that nothing can be offered',
    );
  }

  #mediaOver(sockets: CallSockets, watch: SilenceWatch | undefined, path?: CallPath): CallMedia {
    const echo = this.#options.isEcho ? new Echo() : undefined;
    return new CallMedia(this.#runtime, {
      sockets,
      path,
      watch,
      hasServer: this.#options.account !== undefined,
      cname: this.#cname,
      codecs: this.#codecs,
      source: echo ?? this.#options.makeSource?.() ?? new SilenceSource(),
      makeSink: this.#options.makeSink ?? (async () => undefined),
      echo,
    });
  }

  #negotiation(place: MediaPlace, ice: CallPath | undefined): Negotiation {
    return new Negotiation({
      codecs: this.#codecs.descriptions,
      place,
      random: this.#runtime.random,
      redundancy: this.#options.redundancy,
      ice,
    });
  }

  /** @returns undefined where the name has no address: the call fails by itself, and says so better than we could here */
  async #resolve(peer: string): Promise<string | undefined> {
    if (addressFamily(peer)) return peer;
    const addresses = await this.#runtime.network.resolveHost(peer).catch(() => []);
    return addresses[0];
  }

  async #addressToward(remote: string | undefined): Promise<string> {
    const source = remote === undefined ? undefined : await this.#runtime.network.sourceAddressFor(remote);
    return source ?? (remote !== undefined && addressFamily(remote) === 6 ? '::1' : '127.0.0.1');
  }
}

function placeOf({ rtp, rtcp }: CallSockets): MediaPlace {
  return { address: rtp.local.address, rtpPort: rtp.local.port, rtcpPort: rtcp.local.port };
}

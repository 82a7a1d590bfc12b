// Opens the sound of each call: ports, source, sink, and the description that offers them.
import { addressFamily, OperationError, type Runtime } from '../core/index.ts';
import { type CodecRegistry, SilenceSource } from '../media/index.ts';
import { Echo } from './audio/echo.ts';
import { CallMedia } from './call-media.ts';
import { openCallSockets } from './call-sockets.ts';
import { Negotiation } from './negotiation.ts';
import type { SoftphoneOptions } from './options.ts';
import type { CallSound } from './phone-call.ts';

export class CallSounds {
  readonly #runtime: Runtime;
  readonly #options: SoftphoneOptions;
  readonly #codecs: CodecRegistry;
  /** RFC 7022 §4.2: one random name for all streams of this phone. */
  readonly #cname: string;

  constructor(
    runtime: Runtime,
    parts: { readonly options: SoftphoneOptions; readonly codecs: CodecRegistry },
  ) {
    this.#runtime = runtime;
    this.#options = parts.options;
    this.#codecs = parts.codecs;
    this.#cname = runtime.random.token(20);
  }

  /**
   * @param peer - host of the far end or of the server: decides from which of our addresses the sound comes
   * @throws OperationError where no port is free, or no codec could be loaded
   */
  async open(peer: string): Promise<CallSound> {
    if (this.#codecs.descriptions.length === 0) {
      throw new OperationError(
        'SOFTPHONE_NO_CODEC',
        'no codec could be loaded, so that nothing can be offered',
      );
    }
    const address = await this.#addressToward(peer.replace(/^\[|\]$/g, ''));
    const sockets = await openCallSockets(this.#runtime, address);
    const echo = this.#options.isEcho ? new Echo() : undefined;
    const media = new CallMedia(this.#runtime, {
      sockets,
      cname: this.#cname,
      codecs: this.#codecs,
      source: echo ?? this.#options.makeSource?.() ?? new SilenceSource(),
      makeSink: this.#options.makeSink ?? (async () => undefined),
      echo,
    });
    const negotiation = new Negotiation({
      codecs: this.#codecs.descriptions,
      place: { address, rtpPort: sockets.rtp.local.port, rtcpPort: sockets.rtcp.local.port },
      random: this.#runtime.random,
      redundancy: this.#options.redundancy,
    });
    return { media, negotiation };
  }

  async #addressToward(peer: string): Promise<string> {
    const { network } = this.#runtime;
    const address = addressFamily(peer) ? peer : (await network.resolveHost(peer).catch(() => []))[0];
    const source = address === undefined ? undefined : await network.sourceAddressFor(address);
    // Without a route the call fails by itself, and says so better than we could here.
    return source ?? (address !== undefined && addressFamily(address) === 6 ? '::1' : '127.0.0.1');
  }
}

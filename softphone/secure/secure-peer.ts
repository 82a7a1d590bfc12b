// One association with one far end: ICE, DTLS, and within it sound and data channels. The shell around node-datachannel.
import type { DataChannel, PeerConnection, SelectedCandidateInfo, Track } from 'node-datachannel';
import { type Endpoint, messageOf, type Runtime, sleep } from '../../core/index.ts';
import type { CandidateType } from '../../nat/index.ts';
import type { SessionDescription } from '../../signaling/index.ts';
import { SecureChannel } from './channel.ts';
import { type HeldCandidate, remoteAnswerOf } from './remote-description.ts';
import type { SecuredPath } from './secure-negotiation.ts';
import type { PacketPath } from './track-socket.ts';

/** How a secured path stands. */
export interface SecuredFacts {
  /** SHA-256 of the far end's certificate: compared by voice, it proves that nobody is in between. */
  readonly fingerprint: string;
  /** Ours, as our description says it: what the far end is to see. Undefined where that says none. */
  readonly ownFingerprint: string | undefined;
  readonly selected: SelectedEnds | undefined;
  /** When it was first connected, in monotonic milliseconds. */
  readonly connectedAt: number | undefined;
  /** How often another association took the place of one that broke. */
  readonly changes: number;
}

export interface SelectedEnds {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly localType: CandidateType;
  readonly remoteType: CandidateType;
}

/** A path that does not answer any more may come back for so long. */
const PATIENCE_MS = 10_000;
/** How much longer the way of a BYE may take than that of DTLS. */
const GOODBYE_MS = 2000;
/** By then our answer has come to any far end that is near. */
const HOLD_MS = 400;
/** ICE, DTLS and all: from the answer on. */
const CONNECT_LIMIT_MS = 30_000;

/**
 * Keeps all that the package gave from being collected: it would end with its last reference. So small a set needs no
 * bound of its own, for each is somebody's call.
 */
const alive = new Set<SecurePeer>();

/** Made by `openSecurePeer`; whoever opened it closes it. */
export class SecurePeer implements SecuredPath, PacketPath {
  readonly description: SessionDescription;
  onPacket: ((bytes: Uint8Array) => void) | undefined;
  /** A data channel of the far end, open. */
  onChannel: ((channel: SecureChannel) => void) | undefined;
  onConnected: (() => void) | undefined;
  /** The way is gone, and may come back; it may also be that the far end hung up. */
  onLost: (() => void) | undefined;
  /** Once: there is no way any more, but where we closed it. */
  onFailure: ((reason: string) => void) | undefined;
  readonly #runtime: Runtime;
  readonly #connection: PeerConnection;
  readonly #track: Track | undefined;
  readonly #channels: Set<SecureChannel>;
  #cancelTimer = () => {};
  #connectedAt: number | undefined;
  /** The last that was known: of a path that has ended there is none any more. */
  #selected: SelectedEnds | undefined;
  #isAccepted: boolean;
  #isClosed = false;
  #facts: SecuredFacts | undefined;

  constructor(runtime: Runtime, parts: PeerParts) {
    this.#runtime = runtime;
    this.#connection = parts.connection;
    this.#track = parts.track;
    this.description = parts.description;
    this.#isAccepted = parts.isAnswer;
    this.#channels = new Set(parts.channels.map((channel) => this.#wrap(channel)));
    alive.add(this);
    this.#connection.onStateChange((state) => this.#guard(() => this.#changed(state)));
    this.#connection.onDataChannel((channel) => this.#guard(() => this.#adopt(channel)));
    this.#track?.onMessage((bytes) => this.#guard(() => this.onPacket?.(bytes)));
    if (this.#isAccepted) this.#arm(CONNECT_LIMIT_MS, 'no path was found');
    if (parts.held.length > 0) void this.#tellLater(parts.held);
    this.#changed(this.#connection.state());
  }

  /** Where the description says that it listens. */
  get local(): Endpoint {
    const [line] = this.description.media;
    return { address: line?.address ?? '0.0.0.0', port: line?.port ?? 0 };
  }

  /** As of now, or as it was when it was closed. */
  get facts(): SecuredFacts {
    return this.#facts ?? this.#readFacts();
  }

  /** Those that we opened, and those of the far end. */
  get channels(): readonly SecureChannel[] {
    return [...this.#channels];
  }

  accept(answerSdp: string): void {
    if (this.#isAccepted || this.#isClosed) return;
    this.#isAccepted = true;
    this.#arm(CONNECT_LIMIT_MS, 'no path was found');
    try {
      this.#connection.setRemoteDescription(remoteAnswerOf(answerSdp), 'answer');
    } catch (error) {
      this.#fail(`the answer cannot be used: ${messageOf(error)}`);
    }
  }

  /** Opens another channel. @returns it, open or soon to be */
  openChannel(label: string): SecureChannel {
    const channel = this.#wrap(this.#connection.createDataChannel(label));
    this.#channels.add(channel);
    return channel;
  }

  /** RTP or RTCP; dropped where there is no path yet, or no more. */
  sendPacket(bytes: Uint8Array): void {
    if (this.#isClosed || !this.#track?.isOpen()) return;
    try {
      this.#track.sendMessageBinary(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    } catch {
      // The path ended in this moment: a packet more is lost.
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#facts = this.#readFacts();
    this.#isClosed = true;
    this.#cancelTimer();
    for (const channel of this.#channels) {
      channel.close();
      channel.handleClosed();
    }
    this.#track?.close();
    this.#connection.close();
    // Until its threads are through with it.
    void sleep(this.#runtime, CLOSING_MS).then(() => alive.delete(this));
  }

  #changed(state: string): void {
    if (this.#isClosed) return;
    if (state === 'connected') {
      this.#cancelTimer();
      this.#connectedAt ??= this.#runtime.clock.now();
      this.#readFacts();
      this.onConnected?.();
    } else if (state === 'disconnected') {
      this.#arm(PATIENCE_MS, 'the path broke');
      this.onLost?.();
    } else if (state === 'failed' || state === 'closed') {
      // Who hangs up says so here, too, and sooner than by SIP.
      if (this.#connectedAt === undefined) return this.#fail('no path was found');
      this.#arm(GOODBYE_MS, 'the path broke');
      this.onLost?.();
    }
  }

  async #tellLater(held: readonly HeldCandidate[]): Promise<void> {
    await sleep(this.#runtime, HOLD_MS);
    this.#guard(() => {
      if (this.#isClosed) return;
      for (const { text, mid } of held) this.#connection.addRemoteCandidate(text, mid);
    });
  }

  #adopt(channel: DataChannel): void {
    const wrapped = this.#wrap(channel);
    if (this.#isClosed || this.#channels.size >= MOST_CHANNELS || !this.onChannel) return wrapped.close();
    this.#channels.add(wrapped);
    this.onChannel(wrapped);
    wrapped.deliverEarly();
  }

  #wrap(channel: DataChannel): SecureChannel {
    const wrapped: SecureChannel = new SecureChannel(channel, (act) => this.#guard(act));
    void wrapped.closed.then(() => this.#channels.delete(wrapped));
    return wrapped;
  }

  #arm(delayMs: number, reason: string): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#runtime.setTimer(this.#runtime.clock.now() + delayMs, () => this.#fail(reason));
  }

  #fail(reason: string): void {
    if (this.#isClosed) return;
    this.close();
    this.onFailure?.(reason);
  }

  #readFacts(): SecuredFacts {
    const pair = this.#isClosed ? null : this.#connection.getSelectedCandidatePair();
    if (pair) this.#selected = endsOf(pair);
    return {
      fingerprint: this.#connection.remoteFingerprint().value,
      ownFingerprint: fingerprintIn(this.description),
      selected: this.#selected,
      connectedAt: this.#connectedAt,
      changes: 0,
    };
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error);
      this.#runtime.log.error({ stack }, 'secured path failed');
      this.#fail(messageOf(error));
    }
  }
}

/** RFC 8122 §5: of the session, or of its sections, which share one association. */
function fingerprintIn({ attributes, media }: SessionDescription): string | undefined {
  const all = [attributes, ...media.map((line) => line.attributes)].flat();
  const found = all.find((text) => text.startsWith('fingerprint:'));
  return found?.split(' ')[1]?.toUpperCase();
}

const CLOSING_MS = 1000;
/** Chat, and a few files: a far end could open thousands. */
const MOST_CHANNELS = 16;

/** What {@link SecurePeer} is made of: opened, described, and with all its candidates. */
export interface PeerParts {
  readonly connection: PeerConnection;
  readonly track: Track | undefined;
  readonly channels: readonly DataChannel[];
  /** Of the offer that is answered. */
  readonly held: readonly HeldCandidate[];
  readonly description: SessionDescription;
  readonly isAnswer: boolean;
}

const TYPES: Readonly<Record<string, CandidateType>> = {
  host: 'host',
  srflx: 'serverReflexive',
  prflx: 'peerReflexive',
  relay: 'relayed',
};

function endsOf(pair: {
  readonly local: SelectedCandidateInfo;
  readonly remote: SelectedCandidateInfo;
}): SelectedEnds {
  const { local, remote } = pair;
  return {
    local: { address: local.address, port: local.port },
    remote: { address: remote.address, port: remote.port },
    localType: TYPES[local.type] ?? 'host',
    remoteType: TYPES[remote.type] ?? 'host',
  };
}

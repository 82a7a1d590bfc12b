// ICE at a leg (RFC 8445): checks prove where the party is. They are answered here, or by the other party of the call.
import { DecodeError, type Endpoint, isSameEndpoint, type UdpSocket } from '../../core/index.ts';
import {
  decodeStun,
  IceLite,
  isAnswerOf,
  isSameCredentials,
  type StunMessage,
  shortTermKey,
  verifyCheck,
} from '../../nat/index.ts';
import type { LegIceSettings, RemoteMedia } from '../engine/types.ts';
import type { Latch } from './latch.ts';
import { PassedChecks } from './passed-checks.ts';

/** What a leg saw of ICE: kept with its report. */
export interface LegIceFacts {
  /** As last agreed on. */
  readonly mode: LegIceSettings['mode'];
  /** Checks, and answers to checks, that were the party's. */
  readonly verified: number;
  /** Of those that were to be passed, what found no way: the other leg was not ready, or never asked. */
  readonly stranded: number;
}

export interface LegIceOptions {
  readonly rtp: UdpSocket;
  readonly latch: Latch;
}

/**
 * Nothing goes out that is larger than what came in, and nothing to an address that has not proven itself but to the one
 * that the party's own SDP asks for.
 */
export class LegIce {
  readonly #rtp: UdpSocket;
  readonly #latch: Latch;
  #settings: LegIceSettings | undefined;
  #lite: IceLite | undefined;
  /** Of this party, on their way to the other one. */
  #passed = new PassedChecks();
  #verified = 0;
  #stranded = 0;

  constructor({ rtp, latch }: LegIceOptions) {
    this.#rtp = rtp;
    this.#latch = latch;
  }

  /** Null where ICE was never agreed on. */
  get facts(): LegIceFacts | null {
    const settings = this.#settings;
    return settings ? { mode: settings.mode, verified: this.#verified, stranded: this.#stranded } : null;
  }

  setRemote({ ice }: RemoteMedia): void {
    const before = this.#settings;
    this.#settings = ice;
    this.#latch.trust(ice && new Set(ice.candidates));
    if (ice?.mode !== 'lite') {
      this.#lite = undefined;
      return;
    }
    const isSame = this.#lite !== undefined && before !== undefined && isSameCredentials(before.own, ice.own);
    if (!isSame) this.#lite = new IceLite({ credentials: ice.own });
    if (this.#lite) this.#lite.remoteUfrag = ice.theirs.ufrag;
  }

  /**
   * Takes STUN.
   *
   * @param peer - of the leg to which this one is connected
   * @returns whether it was the party's; all else is to be dropped
   */
  handleStun(now: number, bytes: Uint8Array, source: Endpoint, peer: LegIce | undefined): boolean {
    const isVerified = this.#lite
      ? this.#answer(now, bytes, source, this.#lite)
      : this.#settings?.mode === 'pass' && this.#pass(bytes, source, peer);
    if (isVerified) this.#verified += 1;
    return isVerified;
  }

  #answer(now: number, bytes: Uint8Array, source: Endpoint, lite: IceLite): boolean {
    const { verdict, response } = lite.handleCheck(now, bytes, source);
    if (response) this.#rtp.send(response, source.address, source.port);
    if (verdict === 'refused') return false;
    const isNominated = verdict === 'nominated';
    this.#latch.prove(source, { isWanted: isNominated, isAlone: isNominated });
    return true;
  }

  #pass(bytes: Uint8Array, source: Endpoint, peer: LegIce | undefined): boolean {
    const [own, other] = [this.#settings, peer ? peer.#settings : undefined];
    const message = decodeStun(bytes);
    if (!own || message instanceof DecodeError) return false;
    // Which party a message is for is told by the passwords: they must be those that the other one gave.
    const isJoined = other?.mode === 'pass' && isSameCredentials(own.own, other.theirs);
    const to = isJoined ? peer : undefined;
    return message.class === 'request'
      ? this.#passCheck(message, source, own, to)
      : this.#passAnswer(message, source, own, to);
  }

  #passCheck(message: StunMessage, source: Endpoint, own: LegIceSettings, peer: LegIce | undefined): boolean {
    if (typeof verifyCheck(message, own.own, own.theirs.ufrag) === 'string') return false;
    const to = peer ? peer.#destination : undefined;
    // What was recorded somewhere and comes again from elsewhere proves nothing.
    if (!this.#passed.note(message.transactionKey, { source, to })) return false;
    this.#latch.prove(source, { isWanted: true, isAlone: false });
    if (peer && to) peer.#rtp.send(message.bytes, to.address, to.port);
    else this.#stranded += 1;
    return true;
  }

  #passAnswer(
    message: StunMessage,
    source: Endpoint,
    own: LegIceSettings,
    peer: LegIce | undefined,
  ): boolean {
    const asked = peer ? peer.#passed.get(message.transactionKey) : undefined;
    const isAnswer = message.class === 'success' || message.class === 'error';
    if (!peer || !isAnswer || !asked?.to || !isSameEndpoint(asked.to, source)) return false;
    if (!isAnswerOf(message, shortTermKey(own.theirs.password))) return false;
    this.#latch.prove(source, { isWanted: false, isAlone: false });
    peer.#rtp.send(message.bytes, asked.source.address, asked.source.port);
    return true;
  }

  /** Where the party is: as it has proven, or as its SDP asks. */
  get #destination(): Endpoint | undefined {
    const { expected } = this.#latch;
    // A hold of old names no address.
    return expected && !UNSPECIFIED.has(expected.address) && expected.port > 0 ? expected : undefined;
  }
}

const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

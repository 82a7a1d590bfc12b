// A call without sound: data channels alone, for files.
import { type CancelTimer, messageOf, type Runtime } from '../../core/index.ts';
import { formatSdp, formatUri, type IncomingSession, type OutgoingSession } from '../../signaling/index.ts';
import type { Line, NoLine } from '../files/delivery.ts';
import type { MessageChannel } from '../files/types.ts';
import type { SecurePeer } from './secure-peer.ts';

export interface DialDataOptions {
  /** Opened for this call, with one channel. */
  readonly peer: SecurePeer;
  /** Sends the INVITE. */
  readonly invite: (sdp: string) => OutgoingSession;
  readonly signal?: AbortSignal | undefined;
}

/** Calls, and waits until the channel is open. Never rejects. */
export async function dialData({ peer, invite, signal }: DialDataOptions): Promise<Line | NoLine> {
  const session = invite(formatSdp(peer.description));
  const hangUp = () => session.end();
  signal?.addEventListener('abort', hangUp, { once: true });
  if (signal?.aborted) hangUp();
  const refusal = new Promise<NoLine>((resolve) => {
    session.on('ended', ({ status, reason }) => {
      peer.close();
      resolve(noLineFor(status, reason));
    });
    peer.onFailure = (text) => {
      resolve({ reason: 'broken', text, isFinal: false });
      session.end();
    };
  });
  session.on('accepted', ({ sdp }) => peer.accept(sdp ?? ''));
  const [channel] = peer.channels;
  const opened = async (): Promise<Line | NoLine> =>
    channel && (await channel.opened) ? { channel, close: hangUp } : refusal;
  const result = await Promise.race([opened(), refusal]);
  // From here on the transfer hears of it, and hangs up.
  signal?.removeEventListener('abort', hangUp);
  return result;
}

/** Nobody takes it, or nobody of that name is there: that is so in a minute, too. */
const FINAL: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 410, 415, 416, 484, 488, 501, 603, 606]);

/** What a person can do about it. */
const MENDS: ReadonlyMap<number, string> = new Map([
  [401, 'check --user and --password'],
  [403, 'check --user and --password'],
  [404, 'check the name: nobody is called that'],
  [408, 'check --server, and whether it runs'],
  [480, 'the far end is not registered, or did not answer'],
]);

function noLineFor(status: number | undefined, reason: string): NoLine {
  if (status === undefined) return { reason: 'broken', text: reason, isFinal: false };
  if (status === 488) {
    const why =
      'the far end, or the server, takes no files (488); whoever takes them runs answer --accept-files';
    return { reason: 'notWanted', text: why, isFinal: true };
  }
  const mend = MENDS.get(status);
  const text = `${status} ${reason}${mend === undefined ? '' : `; ${mend}`}`;
  return { reason: status === 486 ? 'busy' : 'notWanted', text, isFinal: FINAL.has(status) };
}

/** Nothing goes on for so long: the call ends. */
const IDLE_MS = 30_000;

/** A call for data that somebody places to us. Accept or reject it. */
export class IncomingDataCall {
  /** Resolves when it is over. */
  readonly finished: Promise<void>;
  readonly #runtime: Runtime;
  readonly #session: IncomingSession;
  readonly #openPeer: () => Promise<SecurePeer>;
  #cancelIdle: CancelTimer = () => {};
  #channels = 0;

  constructor(runtime: Runtime, session: IncomingSession, openPeer: () => Promise<SecurePeer>) {
    this.#runtime = runtime;
    this.#session = session;
    this.#openPeer = openPeer;
    this.finished = new Promise((resolve) => {
      session.on('ended', () => resolve());
    });
  }

  /** The far end's URI. */
  get remoteText(): string {
    return formatUri(this.#session.remote.uri);
  }

  /** Never rejects: what fails ends the call. */
  async accept(onChannel: (channel: MessageChannel) => void): Promise<void> {
    let peer: SecurePeer;
    try {
      peer = await this.#openPeer();
    } catch (error) {
      this.#runtime.log.warn({ callId: this.#session.callId, reason: messageOf(error) }, 'call not answered');
      return this.reject(488);
    }
    void this.finished.then(() => {
      this.#cancelIdle();
      peer.close();
    });
    peer.onFailure = () => this.hangUp();
    peer.onChannel = (channel) => {
      this.#channels += 1;
      void channel.closed.then(() => {
        this.#channels -= 1;
        this.#watch();
      });
      onChannel(channel);
    };
    if (this.#session.state === 'terminated') return;
    this.#session.accept({ sdp: formatSdp(peer.description) });
    this.#watch();
  }

  reject(status = 488): void {
    this.#session.end({ status });
  }

  hangUp(): void {
    this.#session.end();
  }

  #watch(): void {
    this.#cancelIdle();
    const now = this.#runtime.clock.now();
    this.#cancelIdle = this.#runtime.setTimer(now + IDLE_MS, () => {
      if (this.#channels === 0) this.hangUp();
    });
  }
}

// One end of a virtual TCP connection: a byte stream that is cut anew on its way.
import {
  type CancelTimer,
  type Endpoint,
  OperationError,
  TCP_CLOSE_LIMIT_MS,
  type TcpConnection,
} from '../../../core/index.ts';
import type { HostNode } from './host-node.ts';
import type { TcpPath } from './tcp-path.ts';

/** RFC 6298 §2.1 allows less than its second in practice: Linux starts at 200 ms. */
const RETRANSMIT_MS = 200;
const MAX_RETRANSMIT_MS = 60_000;
/** After so many losses in a row the connection fails with ETIMEDOUT: about ten minutes. */
const MAX_TRIES = 15;

/** Bytes of the stream, or how it ends. */
export type Segment = { readonly bytes: Uint8Array } | 'fin' | 'reset';

const NO_BYTES = new Uint8Array(0);

export class VirtualTcpConnection implements TcpConnection {
  onData: ((bytes: Uint8Array) => void) | undefined;
  onClose: ((error: Error | undefined) => void) | undefined;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #host: HostNode;
  readonly #path: TcpPath;
  #peer: VirtualTcpConnection | undefined;
  #written: Uint8Array[] = [];
  #bufferedBytes = 0;
  readonly #queue: Segment[] = [];
  #lastArrivalAt = 0;
  #isFlushDue = false;
  #isRetrying = false;
  #isFinished = false;
  #hasPeerFinished = false;
  #isClosed = false;
  #cancelCloseLimit: CancelTimer | undefined;

  constructor(host: HostNode, ends: { local: Endpoint; remote: Endpoint; path: TcpPath }) {
    this.#host = host;
    this.local = ends.local;
    this.remote = ends.remote;
    this.#path = ends.path;
    host.tcpConnections.add(this);
  }

  /** Joins two ends. */
  static join(a: VirtualTcpConnection, b: VirtualTcpConnection): void {
    a.#peer = b;
    b.#peer = a;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.#isFinished || this.#isClosed || bytes.length === 0) return;
    // Not copied before the flush: who changes them meanwhile, against the contract of write(), sends that.
    this.#written.push(bytes);
    this.#bufferedBytes += bytes.length;
    this.#host.internet.trace.written(this.#host.internet.scheduler.now(), {
      protocol: 'tcp',
      source: this.local,
      destination: this.remote,
      bytes,
      from: this.#host.name,
      to: this.#path.to[0] ?? '',
    });
    this.#flushSoon();
  }

  close(): void {
    if (this.#isFinished || this.#isClosed) return;
    this.#isFinished = true;
    this.#flushSoon();
    const { scheduler } = this.#host.internet;
    const limitAt = scheduler.now() + TCP_CLOSE_LIMIT_MS;
    this.#cancelCloseLimit = scheduler.schedule(limitAt, () => this.destroy());
  }

  destroy(): void {
    if (this.#isClosed) return;
    const peer = this.#peer;
    // Unread data makes a kernel answer with a reset; otherwise the peer sees an ordinary end.
    const isReset = peer !== undefined && peer.#bufferedBytes > 0;
    this.#written = [];
    this.#queue.splice(0, this.#queue.length, isReset ? 'reset' : 'fin');
    this.#isFinished = true;
    this.#end(undefined);
    this.#pump();
  }

  /** Writes of one moment leave together, so that message boundaries do not survive by chance. */
  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    const { scheduler } = this.#host.internet;
    scheduler.schedule(scheduler.now(), () => this.#flush());
  }

  #flush(): void {
    this.#isFlushDue = false;
    if (this.#isClosed) return;
    const bytes = Buffer.concat(this.#written);
    this.#written = [];
    for (const piece of cut(bytes, this.#path.random)) this.#queue.push({ bytes: piece });
    if (this.#isFinished) this.#queue.push('fin');
    this.#pump();
  }

  #pump(): void {
    while (!this.#isRetrying) {
      const segment = this.#queue[0];
      if (!segment) return this.#endIfDone();
      if (!this.#transmit(segment, 0)) return;
      this.#queue.shift();
    }
  }

  /** @returns whether the segment is under way; a lost one holds up what follows, as TCP does */
  #transmit(segment: Segment, tries: number): boolean {
    const { scheduler } = this.#host.internet;
    const bytes = typeof segment === 'string' ? NO_BYTES : segment.bytes;
    const at = this.#path.transit(scheduler.now(), bytes);
    if (at !== undefined) {
      this.#lastArrivalAt = Math.max(at, this.#lastArrivalAt);
      scheduler.schedule(this.#lastArrivalAt, () => this.#arrived(segment));
      return true;
    }
    this.#isRetrying = true;
    const delayMs = Math.min(RETRANSMIT_MS * 2 ** tries, MAX_RETRANSMIT_MS);
    scheduler.schedule(scheduler.now() + delayMs, () => this.#retry(segment, tries + 1));
    return false;
  }

  #retry(segment: Segment, tries: number): void {
    this.#isRetrying = false;
    if (this.#queue[0] !== segment) return this.#pump();
    if (tries > MAX_TRIES) {
      this.#queue.length = 0;
      this.#end(new OperationError('ETIMEDOUT', 'write ETIMEDOUT'));
    } else if (this.#transmit(segment, tries)) {
      this.#queue.shift();
      this.#pump();
    }
  }

  /** The peer's side of a segment of ours. */
  #arrived(segment: Segment): void {
    if (typeof segment !== 'string') this.#bufferedBytes -= segment.bytes.length;
    this.#peer?.receive(segment);
  }

  /** Takes a segment from the network. */
  receive(segment: Segment): void {
    if (this.#isClosed) return;
    if (segment === 'reset') {
      this.#queue.length = 0;
      this.#end(new OperationError('ECONNRESET', 'read ECONNRESET'));
    } else if (segment === 'fin') {
      this.#hasPeerFinished = true;
      this.close();
      this.#endIfDone();
    } else {
      this.onData?.(segment.bytes);
      // Who keeps the buffer beyond the call, against the contract of onData, keeps this.
      segment.bytes.fill(0xdb);
    }
  }

  /** An end is over when both have said all. */
  #endIfDone(): void {
    if (!this.#hasPeerFinished || !this.#isFinished) return;
    if (!this.#isFlushDue && this.#queue.length === 0) this.#end(undefined);
  }

  /** `onClose` comes once, and never within a call of the owner. */
  #end(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelCloseLimit?.();
    this.#host.tcpConnections.delete(this);
    const { scheduler } = this.#host.internet;
    scheduler.schedule(scheduler.now(), () => this.onClose?.(error));
  }
}

/** Cuts a stretch of the stream as a network might: whole, in two, or into small change. */
function* cut(bytes: Uint8Array, random: { float(): number }): Generator<Uint8Array> {
  const style = random.float();
  const most = style < 0.5 ? bytes.length : style < 0.75 ? bytes.length / 2 : bytes.length / 6;
  let offset = 0;
  while (offset < bytes.length) {
    const size = style < 0.5 ? bytes.length : 1 + Math.floor(random.float() * 2 * most);
    yield Uint8Array.prototype.slice.call(bytes, offset, offset + size);
    offset += size;
  }
}

// Sends what a server says and hears of SIP, and how good its calls were, to a Homer server. It never waits for anything.
import {
  addressFamily,
  type CancelTimer,
  codeOf,
  type Endpoint,
  formatEndpoint,
  messageOf,
  onTrace,
  type Runtime,
  type UdpSocket,
} from '../../core/index.ts';
import type { DirectionQuality } from '../../media/index.ts';
import { formatVqReport, type SipEndpoint, type SipTrace } from '../../signaling/index.ts';
import { MediaAddresses, OwnAddresses } from '../addresses/index.ts';
import { legReportsOf, type ReportedLeg } from '../quality/leg-report.ts';
import type { CallRecord } from '../store/index.ts';
import { encodeHep, type HepPacket } from './encode.ts';
import { maskSecrets } from './mask.ts';
import { rtpReportJson } from './rtp-report.ts';

export interface HepOptions {
  /** Where Homer listens: a name or a numeric address. */
  readonly address: { readonly host: string; readonly port: number };
  readonly captureId: number;
  readonly password?: string | undefined;
}

/** A name that cannot be found now may be later. */
const RETRY_MS = 30_000;
/** Messages that wait to know from which of our addresses they went. */
const MOST_WAITING = 1000;
/** Drops are said again after so many. */
const DROPS_A_LINE = 10_000;

/** Owns its socket. Whoever opens it closes it. */
export class HepExporter {
  readonly #runtime: Runtime;
  readonly #options: HepOptions;
  readonly #realm: string;
  readonly #addresses: MediaAddresses;
  readonly #stopTracing: readonly (() => void)[];
  #target: Endpoint | undefined;
  #socket: UdpSocket | undefined;
  #cancelRetry: CancelTimer | undefined;
  #waiting = 0;
  #sent = 0;
  #dropped = 0;
  #isClosed = false;

  /** @param endpoint - whose messages are captured: those of other endpoints of this process are not */
  constructor(
    runtime: Runtime,
    options: HepOptions,
    server: { readonly endpoint: Pick<SipEndpoint, 'listening'>; readonly realm: string },
  ) {
    this.#runtime = runtime;
    this.#options = options;
    this.#realm = server.realm;
    this.#addresses = new MediaAddresses({ runtime, own: new OwnAddresses(runtime) });
    const { listening } = server.endpoint;
    const capture = (isSent: boolean) => (message: unknown) => {
      // Cast: these trace points publish nothing else.
      const trace = message as SipTrace;
      if (trace.listening === listening) this.#captureSip(trace, isSent);
    };
    this.#stopTracing = [
      onTrace('patchcord:sip:received', capture(false)),
      onTrace('patchcord:sip:sent', capture(true)),
    ];
    void this.#connect();
  }

  /** Packets that left, and messages that were given up: too long, too many at once, or nowhere to send them. */
  get counts(): { readonly sent: number; readonly dropped: number } {
    return { sent: this.#sent, dropped: this.#dropped };
  }

  /** How good a call was that is over: of each leg both directions, and the text of RFC 6035. */
  reportCall(record: CallRecord): void {
    const wallClock = Date.parse(record.end ?? record.start);
    for (const leg of legReportsOf(record, this.#realm)) {
      const { report, here, there } = leg;
      if (!there) continue;
      const about = { wallClock, correlationId: report.callId, transport: 'udp' } as const;
      const payload = Buffer.from(formatVqReport(report));
      this.#send({ ...about, source: here, destination: there, protocol: 'vqRtcpxr', payload });
      this.#reportDirections(leg, { wallClock, here, there });
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#sent + this.#dropped > 0) this.#runtime.log.info(this.counts, 'capture ended');
    for (const stop of this.#stopTracing) stop();
    this.#cancelRetry?.();
    this.#socket?.close();
  }

  #reportDirections(
    { report, leg }: ReportedLeg,
    where: { readonly wallClock: number; readonly here: Endpoint; readonly there: Endpoint },
  ): void {
    const { wallClock, here, there } = where;
    const ways: readonly [DirectionQuality | null, Endpoint, Endpoint, 0 | 1][] = [
      [leg.inbound, there, here, 0],
      [leg.outbound, here, there, 1],
    ];
    for (const [quality, source, destination, direction] of ways) {
      if (!quality || quality.packets === 0) continue;
      const json = rtpReportJson({
        callId: report.callId,
        source,
        destination,
        codec: leg.codec,
        quality,
        reportedAt: Math.floor(wallClock / 1000),
        direction,
      });
      const payload = Buffer.from(json);
      const packet = { wallClock, correlationId: report.callId, transport: 'udp', payload } as const;
      this.#send({ ...packet, source, destination, protocol: 'rtpReport' });
    }
  }

  #captureSip({ bytes, flow }: SipTrace, isSent: boolean): void {
    // Nobody to send it to: spares the work.
    if (!this.#target || !this.#socket) return this.#drop('no address');
    const { protocol, local, remote } = flow;
    const payload = maskSecrets(bytes);
    const send = (address: string) => {
      const here = { address, port: local.port };
      this.#send({
        source: isSent ? here : remote,
        destination: isSent ? remote : here,
        transport: protocol === 'udp' ? 'udp' : 'tcp',
        wallClock,
        protocol: 'sip',
        correlationId: callIdOf(payload),
        payload,
      });
    };
    const wallClock = this.#runtime.clock.wallClock();
    if (local.address !== '0.0.0.0' && local.address !== '::') return send(local.address);
    // A socket on every interface does not know on which one; the route to the peer does.
    if (this.#waiting >= MOST_WAITING) return this.#drop('too many wait');
    this.#waiting += 1;
    this.#addresses
      .toward(remote.address)
      .then(({ bind }) => send(bind))
      .catch(() => this.#drop('no route'))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  #send(packet: Omit<HepPacket, 'captureId' | 'password'>): void {
    const { captureId, password } = this.#options;
    if (!this.#target || !this.#socket || this.#isClosed) return this.#drop('no address');
    const bytes = encodeHep({ ...packet, captureId, password });
    if (!bytes) return this.#drop('too long');
    this.#sent += 1;
    this.#socket.send(bytes, this.#target.address, this.#target.port);
  }

  #drop(reason: string): void {
    this.#dropped += 1;
    if (this.#isClosed || this.#dropped % DROPS_A_LINE !== 1) return;
    const fields = { reason, dropped: this.#dropped, to: this.#options.address.host };
    this.#runtime.log.warn(fields, 'messages are not captured');
  }

  /** Finds Homer and binds a socket towards it; tries again later where it cannot. */
  async #connect(): Promise<void> {
    const { network, log, clock } = this.#runtime;
    const { host, port } = this.#options.address;
    try {
      const address = addressFamily(host) ? host : (await network.resolveHost(host))[0];
      if (address === undefined) throw new Error(`the name "${host}" has no address`);
      const socket = await network.bindUdp({
        address: addressFamily(address) === 6 ? '::' : '0.0.0.0',
        port: 0,
      });
      // A Homer that does not run answers with ICMP: what it does not get is lost.
      socket.onError = () => {};
      if (this.#isClosed) return socket.close();
      this.#socket = socket;
      this.#target = { address, port };
      log.info({ to: formatEndpoint(this.#target) }, 'capturing to Homer');
    } catch (error) {
      if (this.#isClosed) return;
      log.warn({ host, error: codeOf(error) ?? messageOf(error) }, 'Homer is not found; tried again later');
      this.#cancelRetry = this.#runtime.setTimer(clock.now() + RETRY_MS, () => void this.#connect());
    }
  }
}

/** Of a message's header fields, in its long or short form (RFC 3261 §20.8). */
function callIdOf(message: Uint8Array): string | undefined {
  const text = Buffer.from(message.buffer, message.byteOffset, message.length).toString('latin1');
  return /^(?:call-id|i)[ \t]*:[ \t]*([^\s]{1,255})/im.exec(text)?.[1];
}

// RTP through a relay: many calls over few sockets, every packet stamped, every arrival timed.
import type { UdpSocket } from '../../core/index.ts';
import { DelayHistogram } from './delay-histogram.ts';
import { bindRtpPair, type LoadNetwork, openLoadNetwork } from './load-network.ts';

/** Where the relay takes the packets of one call's two parties. */
export interface RelayedCall {
  readonly forCaller: number;
  readonly forCallee: number;
}

export interface RtpLoadResult {
  readonly sent: number;
  readonly received: number;
  readonly delays: DelayHistogram;
  /** Packets that left more than one interval after their time: the generator itself was late. */
  readonly late: number;
}

const PTIME_MS = 20;
const HEADER_BYTES = 12;
const PACKET_BYTES = HEADER_BYTES + 160;
const STAMP_OFFSET = HEADER_BYTES;
// A socket's receive buffer holds some hundred packets: the calls are spread over this many pairs of sockets.
const SOCKET_PAIRS = 10;
const TIMESTAMP_STEP = 160;

/** One direction of one call: from our socket to a port of the relay. */
interface Stream {
  readonly socket: UdpSocket;
  readonly port: number;
  readonly packet: Buffer;
  sequenceNumber: number;
}

/** The parties of all calls. Make it, let the relay learn its ports, then {@link RtpLoad.run}. */
export class RtpLoad {
  readonly #callers: UdpSocket[] = [];
  readonly #callees: UdpSocket[] = [];
  readonly #rtcp: UdpSocket[] = [];
  readonly #streams: Stream[] = [];
  #network: LoadNetwork | undefined;
  #delays = new DelayHistogram();
  #received = 0;

  async open(): Promise<void> {
    this.#network = await openLoadNetwork();
    for (let i = 0; i < SOCKET_PAIRS; i += 1) {
      this.#callers.push(await this.#bind());
      this.#callees.push(await this.#bind());
    }
  }

  /** The ports from which the parties of the call send, and at which they hear. */
  partiesOf(call: number): { readonly callerPort: number; readonly calleePort: number } {
    const { caller, callee } = this.#socketsOf(call);
    return { callerPort: caller.local.port, calleePort: callee.local.port };
  }

  addCall(call: number, relay: RelayedCall): void {
    const { caller, callee } = this.#socketsOf(call);
    this.#streams.push(this.#stream(caller, relay.forCaller), this.#stream(callee, relay.forCallee));
  }

  /** Sends 50 packets a second in every stream, spread evenly over the interval. */
  async run(durationMs: number): Promise<RtpLoadResult> {
    this.#delays = new DelayHistogram();
    this.#received = 0;
    const sending = await this.#send(durationMs);
    // What is still under way.
    await this.#listen(200);
    return { ...sending, received: this.#received, delays: this.#delays };
  }

  close(): void {
    for (const socket of [...this.#callers, ...this.#callees, ...this.#rtcp]) socket.close();
    this.#network?.close();
  }

  async #send(durationMs: number): Promise<{ sent: number; late: number }> {
    const streams = this.#streams;
    const startedAt = performance.now();
    const total = Math.floor((durationMs / PTIME_MS) * streams.length);
    let sent = 0;
    let late = 0;
    while (sent < total) {
      const elapsed = performance.now() - startedAt;
      const due = Math.min(total, Math.floor((elapsed / PTIME_MS) * streams.length));
      late += Math.max(0, due - sent - streams.length);
      for (; sent < due; sent += 1) {
        const stream = streams[sent % streams.length];
        if (stream) transmit(stream);
      }
      await this.#network?.turn(() => this.#received);
    }
    return { sent, late };
  }

  async #listen(durationMs: number): Promise<void> {
    const until = performance.now() + durationMs;
    while (performance.now() < until) await this.#network?.turn(() => this.#received);
  }

  #socketsOf(call: number): { caller: UdpSocket; callee: UdpSocket } {
    const caller = this.#callers[call % SOCKET_PAIRS];
    const callee = this.#callees[call % SOCKET_PAIRS];
    if (caller === undefined || callee === undefined) throw new Error('open() comes first');
    return { caller, callee };
  }

  #stream(socket: UdpSocket, port: number): Stream {
    const packet = Buffer.alloc(PACKET_BYTES, 0xff);
    packet[0] = 0x80;
    packet[1] = 0;
    packet.writeUInt32BE(0x1000_0000 + this.#streams.length, 8);
    return { socket, port, packet, sequenceNumber: 0 };
  }

  async #bind(): Promise<UdpSocket> {
    const network = this.#network;
    if (!network) throw new Error('open() comes first');
    const { rtp, rtcp } = await bindRtpPair(network, (bytes) => {
      if (bytes.length !== PACKET_BYTES) return;
      this.#received += 1;
      this.#delays.add(performance.now() - stampOf(bytes));
    });
    this.#rtcp.push(rtcp);
    return rtp;
  }
}

const stampBytes = new Uint8Array(8);
const stampView = new DataView(stampBytes.buffer);

function stampOf(packet: Uint8Array): number {
  for (let i = 0; i < 8; i += 1) stampBytes[i] = packet[STAMP_OFFSET + i] ?? 0;
  return stampView.getFloat64(0);
}

function transmit(stream: Stream): void {
  const { packet } = stream;
  stream.sequenceNumber = (stream.sequenceNumber + 1) & 0xffff;
  packet.writeUInt16BE(stream.sequenceNumber, 2);
  packet.writeUInt32BE((stream.sequenceNumber * TIMESTAMP_STEP) >>> 0, 4);
  packet.writeDoubleBE(performance.now(), STAMP_OFFSET);
  stream.socket.send(packet, '127.0.0.1', stream.port);
}

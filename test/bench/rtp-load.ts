// RTP through a relay: many calls over few sockets, every packet stamped, every arrival timed.
import { createSocket, type Socket } from 'node:dgram';
import { DelayHistogram } from './delay-histogram.ts';

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
  readonly socket: Socket;
  readonly port: number;
  readonly packet: Buffer;
  sequenceNumber: number;
}

/** The parties of all calls. Make it, let the relay learn its ports, then {@link RtpLoad.run}. */
export class RtpLoad {
  readonly #callers: Socket[] = [];
  readonly #callees: Socket[] = [];
  readonly #streams: Stream[] = [];
  #delays = new DelayHistogram();
  #received = 0;

  async open(): Promise<void> {
    for (let i = 0; i < SOCKET_PAIRS; i += 1) {
      this.#callers.push(await this.#bind());
      this.#callees.push(await this.#bind());
    }
  }

  /** The ports from which the parties of the call send, and at which they hear. */
  partiesOf(call: number): { readonly callerPort: number; readonly calleePort: number } {
    const { caller, callee } = this.#socketsOf(call);
    return { callerPort: caller.address().port, calleePort: callee.address().port };
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
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { ...sending, received: this.#received, delays: this.#delays };
  }

  close(): void {
    for (const socket of [...this.#callers, ...this.#callees]) socket.close();
  }

  #send(durationMs: number): Promise<{ sent: number; late: number }> {
    const streams = this.#streams;
    const startedAt = performance.now();
    const total = Math.floor((durationMs / PTIME_MS) * streams.length);
    let sent = 0;
    let late = 0;
    return new Promise((resolve) => {
      const beat = (): void => {
        const elapsed = performance.now() - startedAt;
        const due = Math.min(total, Math.floor((elapsed / PTIME_MS) * streams.length));
        late += Math.max(0, due - sent - streams.length);
        for (; sent < due; sent += 1) {
          const stream = streams[sent % streams.length];
          if (stream) transmit(stream);
        }
        if (sent === total) resolve({ sent, late });
        else setTimeout(beat, 1);
      };
      beat();
    });
  }

  #socketsOf(call: number): { caller: Socket; callee: Socket } {
    const caller = this.#callers[call % SOCKET_PAIRS];
    const callee = this.#callees[call % SOCKET_PAIRS];
    if (caller === undefined || callee === undefined) throw new Error('open() comes first');
    return { caller, callee };
  }

  #stream(socket: Socket, port: number): Stream {
    const packet = Buffer.alloc(PACKET_BYTES, 0xff);
    packet[0] = 0x80;
    packet[1] = 0;
    packet.writeUInt32BE(0x1000_0000 + this.#streams.length, 8);
    return { socket, port, packet, sequenceNumber: 0 };
  }

  async #bind(): Promise<Socket> {
    // Addresses are numeric: a look-up for each packet would cost more than the packet.
    const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    socket.setRecvBufferSize(4_000_000);
    socket.on('message', (bytes) => {
      if (bytes.length !== PACKET_BYTES) return;
      this.#received += 1;
      this.#delays.add(performance.now() - bytes.readDoubleBE(STAMP_OFFSET));
    });
    return socket;
  }
}

function transmit(stream: Stream): void {
  const { packet } = stream;
  stream.sequenceNumber = (stream.sequenceNumber + 1) & 0xffff;
  packet.writeUInt16BE(stream.sequenceNumber, 2);
  packet.writeUInt32BE((stream.sequenceNumber * TIMESTAMP_STEP) >>> 0, 4);
  packet.writeDoubleBE(performance.now(), STAMP_OFFSET);
  stream.socket.send(packet, stream.port, '127.0.0.1');
}

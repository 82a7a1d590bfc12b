// Pairs of UDP ports, even for RTP and the next for RTCP (RFC 3550 §11).
import { codeOf, type Network, OperationError, type UdpSocket } from '../../core/index.ts';

export interface PortRange {
  /** First and last port, both included. */
  readonly first: number;
  readonly last: number;
}

export interface PortPair {
  readonly rtp: UdpSocket;
  readonly rtcp: UdpSocket;
}

/** RFC 4594 §4.1: sound is expedited forwarding. */
const DSCP_EF = 46;
/** Takes what comes while the thread is busy: half a second of a flood, many seconds of a call. */
const RECEIVE_BUFFER_BYTES = 512 * 1024;

/** Ports that somebody else has, tried in one allocation before it gives up. */
const MAX_FOREIGN = 64;

/** Hands out pairs in turn, so that a port rests as long as possible before it is used again. */
export class PortAllocator {
  readonly #network: Network;
  /** Free even ports: taken from the head, given back at the end. */
  readonly #free: Int32Array;
  #head = 0;
  #count: number;

  constructor(network: Network, range: PortRange) {
    this.#network = network;
    const first = range.first + (range.first % 2);
    this.#count = Math.max(0, Math.floor((range.last - first + 1) / 2));
    this.#free = Int32Array.from({ length: this.#count }, (_, index) => first + 2 * index);
  }

  /** Pairs that are left. */
  get available(): number {
    return this.#count;
  }

  /** @throws OperationError `MEDIA_PORTS_EXHAUSTED` */
  async take(address: string): Promise<PortPair> {
    for (let tries = Math.min(this.#count, MAX_FOREIGN); tries > 0; tries -= 1) {
      const port = this.#shift();
      if (port === undefined) break;
      const pair = await this.#bind(address, port);
      if (pair) return pair;
      this.#push(port);
    }
    throw new OperationError('MEDIA_PORTS_EXHAUSTED', 'no pair of UDP ports is free for sound');
  }

  /** Gives back the pair of this RTP port; its sockets are closed by their owner. */
  give(rtpPort: number): void {
    this.#push(rtpPort);
  }

  /** @returns undefined where another program has one of the ports */
  async #bind(address: string, port: number): Promise<PortPair | undefined> {
    let rtp: UdpSocket | undefined;
    try {
      const options = { address, dscp: DSCP_EF };
      rtp = await this.#network.bindUdp({ ...options, port, receiveBufferBytes: RECEIVE_BUFFER_BYTES });
      return { rtp, rtcp: await this.#network.bindUdp({ ...options, port: port + 1 }) };
    } catch (error) {
      rtp?.close();
      if (codeOf(error) === 'EADDRINUSE' || codeOf(error) === 'EACCES') return undefined;
      this.#push(port);
      throw new OperationError('MEDIA_PORTS_EXHAUSTED', `no socket can be opened on ${address}`, {
        cause: error,
      });
    }
  }

  #shift(): number | undefined {
    if (this.#count === 0) return undefined;
    const port = this.#free[this.#head];
    this.#head = (this.#head + 1) % this.#free.length;
    this.#count -= 1;
    return port;
  }

  #push(port: number): void {
    this.#free[(this.#head + this.#count) % this.#free.length] = port;
    this.#count += 1;
  }
}

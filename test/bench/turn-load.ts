// ChannelData through a TURN server: many clients, each with a channel to a peer, and packets both ways, all counted.
import { DecodeError, isEqualBytes, type UdpSocket } from '../../core/index.ts';
import {
  ATTRIBUTE,
  decodeStun,
  encodeChannelData,
  longTermKey,
  METHOD,
  type StunMessage,
  StunWriter,
} from '../../nat/index.ts';
import { encodeChannelNumber, encodeTransport, TRANSPORT_UDP } from '../../nat/turn/values.ts';
import { type LoadNetwork, openLoadNetwork } from './load-network.ts';

/** What the load needs to know of a server. */
export interface TurnTarget {
  readonly port: number;
  readonly realm: string;
  readonly username: string;
  readonly password: string;
}

export interface TurnLoadResult {
  readonly sent: number;
  readonly received: number;
}

const ADDRESS = '127.0.0.1';
const PTIME_MS = 20;
const CHANNEL = 0x4001;
const HEADER_BYTES = 4;
/** Peers share sockets: each datagram of theirs goes to another relay. */
const PEER_SOCKETS = 20;
const ANSWER_LIMIT_MS = 500;
const TRIES = 10;
/** Nothing came for so long: nothing will. */
const QUIET_MS = 300;

/** Of one client: towards its peer, or from the peer to its relay. */
interface Stream {
  readonly socket: UdpSocket;
  readonly port: number;
  readonly packet: Uint8Array;
}

/** Make it, {@link TurnLoad.open} it, then {@link TurnLoad.run}. */
export class TurnLoad {
  readonly #target: TurnTarget;
  readonly #payloadBytes: number;
  readonly #clients: UdpSocket[] = [];
  readonly #peers: UdpSocket[] = [];
  readonly #streams: Stream[] = [];
  #network: LoadNetwork | undefined;
  #received = 0;

  constructor(target: TurnTarget, payloadBytes: number) {
    this.#target = target;
    this.#payloadBytes = payloadBytes;
  }

  async open(clients: number): Promise<void> {
    this.#network = await openLoadNetwork();
    for (let i = 0; i < PEER_SOCKETS; i += 1) this.#peers.push(await this.#bind(this.#payloadBytes));
    for (let i = 0; i < clients; i += 1) await this.#addClient(i);
  }

  /** Sends 50 packets a second in each direction of each client, spread evenly over the interval. */
  async run(durationMs: number): Promise<TurnLoadResult> {
    this.#received = 0;
    const sent = await this.#send(durationMs);
    await this.#drain();
    return { sent, received: this.#received };
  }

  close(): void {
    for (const socket of [...this.#clients, ...this.#peers]) socket.close();
    this.#network?.close();
  }

  async #addClient(index: number): Promise<void> {
    const socket = await this.#bind(this.#payloadBytes + HEADER_BYTES);
    this.#clients.push(socket);
    const peer = this.#peers[index % PEER_SOCKETS];
    if (!peer) throw new Error('there are peers before there are clients');
    const relayPort = await this.#allocate(socket, peer.local.port);
    const payload = new Uint8Array(this.#payloadBytes).fill(0xff);
    const packet = encodeChannelData(CHANNEL, payload);
    this.#streams.push(
      { socket, port: this.#target.port, packet },
      { socket: peer, port: relayPort, packet: payload },
    );
  }

  /** @returns the port of its relay */
  async #allocate(socket: UdpSocket, peerPort: number): Promise<number> {
    const nonce = (await this.#ask(socket, METHOD.allocate, (writer) => writer)).text(ATTRIBUTE.nonce) ?? '';
    const allocated = await this.#ask(socket, METHOD.allocate, (writer) => {
      const asked = writer.add(ATTRIBUTE.requestedTransport, encodeTransport(TRANSPORT_UDP));
      return this.#seal(asked, nonce);
    });
    const relayed = allocated.xorAddress(ATTRIBUTE.xorRelayedAddress);
    if (!relayed) throw new Error(`the server allocates nothing: ${allocated.error?.code}`);
    const bound = await this.#ask(socket, METHOD.channelBind, (writer) => {
      const peer = { address: ADDRESS, port: peerPort };
      const asked = writer.add(ATTRIBUTE.channelNumber, encodeChannelNumber(CHANNEL));
      return this.#seal(asked.xorAddress(ATTRIBUTE.xorPeerAddress, peer), nonce);
    });
    if (bound.class !== 'success') throw new Error(`the server binds no channel: ${bound.error?.code}`);
    return relayed.port;
  }

  #seal(writer: StunWriter, nonce: string): StunWriter {
    const { realm, username, password } = this.#target;
    const named = writer.text(ATTRIBUTE.username, username).text(ATTRIBUTE.realm, realm);
    return named.text(ATTRIBUTE.nonce, nonce).integrity(longTermKey({ username, realm, password }));
  }

  async #ask(
    socket: UdpSocket,
    method: number,
    build: (writer: StunWriter) => StunWriter,
  ): Promise<StunMessage> {
    const transactionId = crypto.getRandomValues(new Uint8Array(12));
    const request = build(new StunWriter({ method, class: 'request', transactionId })).finish();
    const { onDatagram } = socket;
    let answer: StunMessage | undefined;
    socket.onDatagram = (bytes) => {
      const message = decodeStun(bytes.slice());
      // A late answer to the request before, which was sent twice, is none to this one.
      const isIts = !(message instanceof DecodeError) && isEqualBytes(message.transactionId, transactionId);
      if (isIts) answer = message;
    };
    for (let tried = 0; tried < TRIES && !answer; tried += 1) {
      socket.send(request, ADDRESS, this.#target.port);
      const until = performance.now() + ANSWER_LIMIT_MS;
      while (!answer && performance.now() < until) await this.#turn();
    }
    socket.onDatagram = onDatagram;
    if (!answer) throw new Error('the server does not answer');
    return answer;
  }

  async #send(durationMs: number): Promise<number> {
    const streams = this.#streams;
    const startedAt = performance.now();
    const total = Math.floor((durationMs / PTIME_MS) * streams.length);
    let sent = 0;
    while (sent < total) {
      const elapsed = performance.now() - startedAt;
      const due = Math.min(total, Math.floor((elapsed / PTIME_MS) * streams.length));
      for (; sent < due; sent += 1) {
        const stream = streams[sent % streams.length];
        stream?.socket.send(stream.packet, ADDRESS, stream.port);
      }
      await this.#turn();
    }
    return sent;
  }

  /** What is still under way: a server that has to share its core with others has some of it left. */
  async #drain(): Promise<void> {
    let [heardAt, heard] = [performance.now(), -1];
    while (performance.now() - heardAt < QUIET_MS) {
      if (heard !== this.#received) heardAt = performance.now();
      heard = this.#received;
      await this.#turn();
    }
  }

  async #turn(): Promise<void> {
    await this.#network?.turn(() => this.#received);
  }

  /** @param lengthBytes - of what counts as received there */
  async #bind(lengthBytes: number): Promise<UdpSocket> {
    if (!this.#network) throw new Error('open() comes first');
    const socket = await this.#network.bind(0);
    socket.onDatagram = (bytes) => {
      if (bytes.length === lengthBytes) this.#received += 1;
    };
    return socket;
  }
}

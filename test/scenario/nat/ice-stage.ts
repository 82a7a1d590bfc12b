// Agents on hosts of the virtual world: a socket each, a STUN server to ask, and data to send.
import {
  type CancelTimer,
  DecodeError,
  Driver,
  type Endpoint,
  normalizeAddress,
  type UdpSocket,
} from '../../../core/index.ts';
import {
  ATTRIBUTE,
  BindingResponder,
  type Candidate,
  type CandidateType,
  candidateFoundation,
  candidatePriority,
  decodeStun,
  demultiplex,
  IceAgent,
  type IceEvent,
  type IceRole,
  METHOD,
  StunClientTransactions,
  StunWriter,
} from '../../../nat/index.ts';
import type { Host, World } from '../../support/index.ts';

export const STUN_SERVER: Endpoint = { address: '198.51.100.1', port: 3478 };

/** A host that tells everybody who asks where he comes from. */
export async function addStunServer(world: World): Promise<void> {
  const host = world.host('stun', { addresses: [STUN_SERVER.address] });
  const socket = await world.complete(host.network.bindUdp(STUN_SERVER));
  const responder = new BindingResponder();
  socket.onDatagram = (bytes, address, port) => {
    const response = responder.handleDatagram(bytes, { address, port });
    if (response) socket.send(response, address, port);
  };
}

export interface Heard {
  readonly at: number;
  readonly text: string;
  readonly isProven: boolean;
}

const TALK_INTERVAL_MS = 20;
/** What a phone takes for a sign that the path is dead. */
const SILENCE_MS = 200;

/** Base 0: the one socket of a host. */
const SOCKET_BASE = 0;

/** One agent with one socket. Data is text, in packets that look like RTP to whoever tells protocols apart. */
export class IceHost {
  readonly host: Host;
  readonly agent: IceAgent;
  readonly events: { readonly at: number; readonly event: IceEvent }[] = [];
  readonly heard: Heard[] = [];
  readonly candidates: Candidate[] = [];
  readonly #socket: UdpSocket;
  readonly #driver: Driver;
  readonly #gathering = new StunClientTransactions();
  readonly #gatheringDriver: Driver;
  isGathered = false;
  #cancelTalk: CancelTimer = () => {};

  static async open(host: Host, role: IceRole): Promise<IceHost> {
    return new IceHost(host, role, await host.network.bindUdp({ address: host.address, port: 0 }));
  }

  constructor(host: Host, role: IceRole, socket: UdpSocket) {
    this.host = host;
    this.#socket = socket;
    this.agent = new IceAgent({ random: host.random.fork('ice'), role, components: 1 });
    this.#driver = new Driver(host, this.agent, (now) => this.#drain(now));
    this.#gatheringDriver = new Driver(host, this.#gathering, (now) => this.#drainGathering(now));
    socket.onDatagram = (bytes, address, port) =>
      this.#receive(bytes, { address: normalizeAddress(address), port });
    this.#addCandidate('host', socket.local);
  }

  /** Asks the STUN server for the address outside. */
  gather(): void {
    const transactionId = this.host.random.bytes(12);
    const bytes = new StunWriter({ method: METHOD.binding, class: 'request', transactionId }).finish();
    this.#gatheringDriver.run((now) =>
      this.#gathering.start(now, { bytes, remote: STUN_SERVER, context: undefined }),
    );
  }

  /** Tells the peer all that is known, as an offer or answer would. */
  describeTo(peer: IceHost, options: { readonly isTrickling?: boolean } = {}): void {
    const description = { credentials: this.agent.credentials, candidates: [...this.candidates], ...options };
    peer.#driver.run((now) => peer.agent.setRemote(now, description));
  }

  get selected() {
    return this.agent.selected(1);
  }

  /** Local and remote type of the selected pair. */
  get kind(): string {
    const { selected } = this;
    return selected ? `${selected.localType}-${selected.remoteType}` : 'none';
  }

  say(text: string): void {
    const path = this.selected;
    const bytes = new Uint8Array([0x80, ...new TextEncoder().encode(text)]);
    if (path) this.#socket.send(bytes, path.remote.address, path.remote.port);
  }

  /** Says something every 20 ms; who is asking looks after its path when it hears nothing for a while. */
  talk(options: { readonly isAsking?: boolean } = {}): void {
    const now = this.host.clock.now();
    this.#cancelTalk = this.host.setTimer(now + TALK_INTERVAL_MS, () => this.talk(options));
    this.say('.');
    const lastAt = this.heard.findLast(({ isProven }) => isProven)?.at ?? now;
    if (options.isAsking && now - lastAt > SILENCE_MS) this.run((at) => this.agent.probe(at));
  }

  run(input: (now: number) => void): void {
    this.#driver.run(input);
  }

  close(): void {
    this.#cancelTalk();
    this.#driver.close();
    this.#gatheringDriver.close();
    this.#socket.close();
  }

  #receive(bytes: Uint8Array, source: Endpoint): void {
    if (demultiplex(bytes) !== 'stun') {
      const isProven = this.agent.isProven(SOCKET_BASE, source);
      const text = new TextDecoder().decode(bytes.subarray(1));
      this.heard.push({ at: this.host.clock.now(), text, isProven });
    } else if (!this.#driver.run((now) => this.#handleDatagram(now, bytes, source))) {
      this.#handleGathered(bytes, source);
    }
  }

  #handleDatagram(now: number, bytes: Uint8Array, remote: Endpoint): boolean {
    return this.agent.handleDatagram(now, bytes, { base: SOCKET_BASE, remote });
  }

  #handleGathered(bytes: Uint8Array, source: Endpoint): void {
    const message = decodeStun(bytes);
    if (message instanceof DecodeError) return;
    this.#gatheringDriver.run((now) => this.#gathering.handleResponse(now, message, source));
  }

  #drainGathering(_now: number): void {
    for (const { bytes, remote } of this.#gathering.takeDatagrams()) {
      this.#socket.send(bytes, remote.address, remote.port);
    }
    for (const { outcome } of this.#gathering.takeResults()) {
      const mapped =
        outcome.type === 'success' ? outcome.response.xorAddress(ATTRIBUTE.xorMappedAddress) : undefined;
      if (mapped) this.#addCandidate('serverReflexive', mapped);
      this.isGathered = true;
    }
  }

  #addCandidate(type: CandidateType, endpoint: Endpoint): void {
    const foundation = candidateFoundation({ type, baseAddress: this.host.address });
    const candidate = {
      foundation,
      component: 1,
      priority: candidatePriority(type, 1),
      endpoint,
      type,
    } as const;
    this.candidates.push(candidate);
    this.#driver.run((now) => this.agent.addLocalCandidate(now, { candidate, base: SOCKET_BASE }));
  }

  #drain(now: number): void {
    for (const { bytes, remote } of this.agent.takeDatagrams()) {
      this.#socket.send(bytes, remote.address, remote.port);
    }
    for (const event of this.agent.takeEvents()) this.events.push({ at: now, event });
  }
}

/** The longest silence of what a host heard and took for the peer's. */
export function longestGapMs({ heard }: IceHost): number {
  const moments = heard.filter(({ isProven }) => isProven).map(({ at }) => at);
  return Math.max(...moments.map((at, index) => at - (moments[index - 1] ?? at)));
}

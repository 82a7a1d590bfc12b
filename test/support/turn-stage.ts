// A TURN server's core and clients of it without any network: what it sends is kept, its relays bind as told.
import { DecodeError, type Endpoint, invariant, SeededRandom } from '../../core/index.ts';
import {
  ATTRIBUTE,
  decodeStun,
  longTermKey,
  METHOD,
  type StunMessage,
  StunWriter,
  type TurnTransport,
} from '../../nat/index.ts';
import { decodeAddress } from '../../nat/stun/address-value.ts';
import type { Relay } from '../../nat/turn/server/relay.ts';
import { TurnServer } from '../../nat/turn/server/turn-server.ts';
import type { TurnClient, TurnCoreOptions, TurnServerEvent } from '../../nat/turn/server/types.ts';
import { encodeChannelNumber, encodeTransport, TRANSPORT_UDP } from '../../nat/turn/values.ts';

export const REALM = 'turn';
export const ALICE = { username: 'alice', password: 'secret' } as const;
export const RELAY_ADDRESS = '198.51.100.1';
export const RELAY_ADDRESS_6 = '2001:db8::1';
export const PEER: Endpoint = { address: '192.0.2.10', port: 4000 };
/** 2026-01-01. */
export const WALL_CLOCK = Date.UTC(2026, 0, 1);

/** What a relay sent. */
export interface Relayed {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

export class TurnStage {
  readonly server: TurnServer;
  /** Datagrams to peers, in order. */
  readonly relayed: Relayed[] = [];
  readonly events: TurnServerEvent[] = [];
  readonly bound = new Set<Relay>();
  /** Which relays cannot be bound. */
  isTaken: (relay: Relay) => boolean = () => false;
  /** Relays are bound at once where true; else their events wait in `unbound`. */
  bindsAtOnce = true;
  readonly unbound: Relay[] = [];
  now = 1000;

  constructor(options: Partial<TurnCoreOptions> = {}) {
    this.server = new TurnServer({
      random: new SeededRandom(7),
      wallClockAt: (now) => WALL_CLOCK + now,
      credentials: { users: { alice: ALICE.password, bob: 'other' }, sharedSecret: 'shared' },
      relayAddresses: [RELAY_ADDRESS, RELAY_ADDRESS_6].map((address) => ({
        local: address,
        advertised: address,
      })),
      ownAddresses: ['127.0.0.1', '10.0.0.1'],
      ...options,
    });
  }

  client(port: number, options: Partial<ClientOptions> = {}): StageClient {
    return new StageClient(this, { address: '203.0.113.1', transport: 'udp', ...ALICE, port, ...options });
  }

  /** An allocation is made for a client, or the test fails. */
  allocated(port: number, options: Partial<ClientOptions> = {}): StageClient {
    const client = this.client(port, options);
    const answer = client.allocate();
    invariant(answer.class === 'success', `allocated, not ${answer.error?.code}`);
    return client;
  }

  drain(): void {
    for (const event of this.server.takeEvents()) {
      this.events.push(event);
      if (event.type !== 'bind') continue;
      if (this.bindsAtOnce) this.bind(event.relay);
      else this.unbound.push(event.relay);
    }
  }

  bind(relay: Relay): void {
    if (this.isTaken(relay)) this.server.handleBindFailed(this.now, relay);
    else {
      this.bound.add(relay);
      this.server.handleBound(this.now, relay, {
        send: (bytes, address, port) => {
          this.relayed.push({ from: relay.relayed, to: { address, port }, bytes: bytes.slice() });
        },
        close: () => this.bound.delete(relay),
      });
    }
    this.drain();
  }

  /** A datagram comes to a relay from outside. */
  arrive(relayed: Endpoint, source: Endpoint, bytes: Uint8Array): void {
    const relay = [...this.bound].find(
      (each) => each.relayed.port === relayed.port && each.relayed.address === relayed.address,
    );
    invariant(relay, 'the test names a relay that is bound');
    this.server.handlePeerDatagram(this.now, relay, bytes, source);
    this.drain();
  }

  /** Lets time pass, deadline by deadline. */
  pass(durationMs: number): void {
    const endAt = this.now + durationMs;
    for (
      let at = this.server.nextTimeoutAt();
      at !== undefined && at <= endAt;
      at = this.server.nextTimeoutAt()
    ) {
      this.now = Math.max(this.now, at);
      this.server.handleTimeout(this.now);
      this.drain();
    }
    this.now = endAt;
  }
}

export interface ClientOptions {
  readonly address: string;
  readonly port: number;
  readonly transport: TurnTransport;
  readonly username: string;
  readonly password: string;
}

let requests = 0;

/** A scripted client: asks what it is told to, and knows how to answer a challenge. */
export class StageClient implements TurnClient {
  readonly key: string;
  readonly transport: TurnTransport;
  readonly remote: Endpoint;
  /** All that it was sent, in order. */
  readonly received: Uint8Array[] = [];
  nonce: string | undefined;
  /** Its relayed addresses. */
  relayed: readonly Endpoint[] = [];
  isSlow = false;
  readonly #stage: TurnStage;
  readonly #credentials: { readonly username: string; readonly password: string };

  constructor(stage: TurnStage, { address, port, transport, username, password }: ClientOptions) {
    this.#stage = stage;
    this.key = `${transport} ${address} ${port}`;
    this.transport = transport;
    this.remote = { address, port };
    this.#credentials = { username, password };
  }

  send(bytes: Uint8Array): boolean {
    if (!this.isSlow) this.received.push(bytes.slice());
    return !this.isSlow;
  }

  /** Hands bytes to the server. */
  say(bytes: Uint8Array): void {
    this.#stage.server.handleMessage(this.#stage.now, this, bytes);
    this.#stage.drain();
  }

  get last(): Uint8Array | undefined {
    return this.received.at(-1);
  }

  /** Of the last challenge among what was received. */
  get lastNonce(): string | undefined {
    for (const bytes of this.received.toReversed()) {
      const message = decodeStun(bytes);
      const nonce = message instanceof DecodeError ? undefined : message.text(ATTRIBUTE.nonce);
      if (nonce !== undefined) return nonce;
    }
    return undefined;
  }

  get lastMessage(): StunMessage {
    const message = decodeStun(this.last ?? new Uint8Array(0));
    invariant(!(message instanceof DecodeError), 'the server answered');
    return message;
  }

  /** Asks, with credentials; a challenge is answered first. */
  request(method: number, build: (writer: StunWriter) => StunWriter = (writer) => writer): StunMessage {
    this.nonce ??= this.challengeFor(method);
    this.say(this.sealed(method, build));
    return this.lastMessage;
  }

  challengeFor(method: number): string | undefined {
    this.say(new StunWriter(this.head(method)).finish());
    return this.lastMessage.text(ATTRIBUTE.nonce);
  }

  sealed(method: number, build: (writer: StunWriter) => StunWriter): Uint8Array {
    const { username, password } = this.#credentials;
    return build(new StunWriter(this.head(method)))
      .text(ATTRIBUTE.username, username)
      .text(ATTRIBUTE.realm, REALM)
      .text(ATTRIBUTE.nonce, this.nonce ?? '')
      .integrity(longTermKey({ username, realm: REALM, password }))
      .finish();
  }

  head(method: number): { method: number; class: 'request'; transactionId: Uint8Array } {
    requests += 1;
    const transactionId = new Uint8Array(12);
    new DataView(transactionId.buffer).setUint32(0, requests);
    return { method, class: 'request', transactionId };
  }

  allocate(build: (writer: StunWriter) => StunWriter = (writer) => writer): StunMessage {
    const answer = this.request(METHOD.allocate, (writer) =>
      build(writer.add(ATTRIBUTE.requestedTransport, encodeTransport(TRANSPORT_UDP))),
    );
    this.relayed = answer.attributes
      .filter(({ type }) => type === ATTRIBUTE.xorRelayedAddress)
      .flatMap(({ offset }) => relayedAt(answer, offset));
    return answer;
  }

  refresh(lifetimeSeconds?: number): StunMessage {
    return this.request(METHOD.refresh, (writer) =>
      lifetimeSeconds === undefined ? writer : writer.uint32(ATTRIBUTE.lifetime, lifetimeSeconds),
    );
  }

  permit(...peers: readonly Endpoint[]): StunMessage {
    return this.request(METHOD.createPermission, (writer) =>
      peers.reduce((built, peer) => built.xorAddress(ATTRIBUTE.xorPeerAddress, peer), writer),
    );
  }

  bindChannel(channel: number, peer: Endpoint): StunMessage {
    return this.request(METHOD.channelBind, (writer) =>
      writer
        .add(ATTRIBUTE.channelNumber, encodeChannelNumber(channel))
        .xorAddress(ATTRIBUTE.xorPeerAddress, peer),
    );
  }

  sendTo(peer: Endpoint, data: Uint8Array): void {
    const head = { ...this.head(METHOD.send), class: 'indication' as const };
    this.say(
      new StunWriter(head).xorAddress(ATTRIBUTE.xorPeerAddress, peer).add(ATTRIBUTE.data, data).finish(),
    );
  }
}

function relayedAt(message: StunMessage, offset: number): readonly Endpoint[] {
  const found = message.attributes.find((attribute) => attribute.offset === offset);
  const endpoint = found && decodeAddress(found.value, message.bytes);
  return endpoint ? [endpoint] : [];
}

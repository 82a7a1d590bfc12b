// A TURN client beside a server that answers at once, for its tests.
import { type Endpoint, SeededRandom } from '../../../../../core/index.ts';
import {
  type StunMessage,
  TurnClient,
  type TurnClientEvent,
  type TurnClientOptions,
} from '../../../../../nat/index.ts';
import { CREDENTIALS, decodeRequest, ScriptedServer, SERVER } from './scripted-server.ts';

export const PEER: Endpoint = { address: '198.51.100.7', port: 5000 };
export const SOUND = Uint8Array.of(0x80, 0, 1, 2, 3);
export const ELSEWHERE: Endpoint = { address: '192.0.2.66', port: 3478 };

/** A client and a server that answers at once, with everything that either said. */
export class Bench {
  now = 0;
  readonly server = new ScriptedServer();
  readonly client: TurnClient;
  readonly requests: StunMessage[] = [];
  readonly events: TurnClientEvent[] = [];

  constructor(options: Partial<TurnClientOptions> = {}) {
    const random = new SeededRandom(1);
    this.client = new TurnClient({ random, server: SERVER, credentials: CREDENTIALS, ...options });
  }

  /** Delivers what waits, both ways, until nobody says anything more. */
  exchange(): void {
    for (let out = this.client.takeDatagrams(); out.length > 0; out = this.client.takeDatagrams()) {
      for (const bytes of out) {
        const message = decodeRequest(bytes);
        this.requests.push(message);
        if (message.class === 'request')
          this.client.handleDatagram(this.now, this.server.respond(bytes), SERVER);
      }
    }
    this.events.push(...this.client.takeEvents());
  }

  /** Lets everything that goes out get lost, and time pass. */
  silence(untilAt: number): void {
    for (let at = this.client.nextTimeoutAt(); at !== undefined && at <= untilAt; ) {
      this.client.handleTimeout(at);
      this.client.takeDatagrams();
      at = this.client.nextTimeoutAt();
    }
    this.now = untilAt;
    this.events.push(...this.client.takeEvents());
  }

  advance(toAt: number): void {
    for (let at = this.client.nextTimeoutAt(); at !== undefined && at <= toAt; ) {
      this.now = at;
      this.client.handleTimeout(at);
      this.exchange();
      at = this.client.nextTimeoutAt();
    }
    this.now = toAt;
  }

  allocate(): this {
    this.client.allocate(this.now);
    this.exchange();
    return this;
  }

  /** How many requests of a method came so far. */
  count(method: number): number {
    return this.requests.filter((request) => request.method === method).length;
  }
}

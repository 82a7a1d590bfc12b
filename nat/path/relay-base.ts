// One allocation on a TURN server as a base of the path: a client and what carries its messages.
import { type Endpoint, isSameEndpoint } from '../../core/index.ts';
import type { BaseId, ComponentId } from '../ice/index.ts';
import { isChannelData } from '../turn/channel-data.ts';
import type { RelayedData, TurnClient } from '../turn/client/index.ts';
import type { TurnService } from '../turn/types.ts';
import type { PathBase } from './path-base.ts';
import type { TurnCarrier } from './turn-carrier.ts';

export interface RelayBaseOptions {
  readonly id: BaseId;
  readonly component: ComponentId;
  readonly service: TurnService;
  readonly client: TurnClient;
  readonly carrier: TurnCarrier;
}

const NOWHERE: Endpoint = { address: '0.0.0.0', port: 0 };

export class RelayBase implements PathBase {
  readonly id: BaseId;
  readonly component: ComponentId;
  readonly service: TurnService;
  readonly client: TurnClient;
  readonly carrier: TurnCarrier;
  /** Whether the server has said anything yet. */
  isAnswering = false;

  constructor({ id, component, service, client, carrier }: RelayBaseOptions) {
    this.id = id;
    this.component = component;
    this.service = service;
    this.client = client;
    this.carrier = carrier;
  }

  get endpoint(): Endpoint {
    return this.client.allocated?.relayed ?? NOWHERE;
  }

  canReach(address: string): boolean {
    return this.client.canReach(address);
  }

  send(now: number, bytes: Uint8Array, remote: Endpoint): void {
    const frame = this.client.write(now, remote, bytes);
    if (!frame) return;
    // Ahead of data goes what lets it through: a request for the permission.
    if (!isChannelData(frame)) this.flush();
    this.carrier.send(frame);
  }

  /** Sends what the client has to say. */
  flush(): void {
    for (const bytes of this.client.takeDatagrams()) this.carrier.send(bytes);
  }

  /** @returns the data of a peer, where the message holds some */
  handleMessage(now: number, bytes: Uint8Array, source: Endpoint): RelayedData | undefined {
    this.isAnswering ||= isSameEndpoint(source, this.client.server);
    return this.client.handleDatagram(now, bytes, source);
  }
}

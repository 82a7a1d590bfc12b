// Data between a client and its peers: by channels, and by Send and Data indications (RFC 8656 §11, §12).
import type { Endpoint } from '../../../core/index.ts';
import { ATTRIBUTE } from '../../stun/attribute.ts';
import { setUint16, TRANSACTION_ID_BYTES, uint16At } from '../../stun/header.ts';
import type { StunMessage } from '../../stun/message.ts';
import { METHOD } from '../../stun/method.ts';
import { StunWriter } from '../../stun/writer.ts';
import { CHANNEL_DATA_HEADER_BYTES } from '../channel-data.ts';
import type { Allocation } from './allocation.ts';
import type { Tally } from './counters.ts';
import type { PeerPolicy } from './peer-policy.ts';
import type { Relay, RelayAddresses } from './relay.ts';

/** What is longer is in no UDP datagram over IPv4 (RFC 768, RFC 791). */
const LARGEST_MESSAGE_BYTES = 65_507;
const SEND_ATTRIBUTES: ReadonlySet<number> = new Set([ATTRIBUTE.xorPeerAddress, ATTRIBUTE.data]);

export interface RelayingOptions {
  readonly tally: Tally;
  readonly policy: PeerPolicy;
  readonly addresses: RelayAddresses;
}

export class Relaying {
  readonly #options: RelayingOptions;
  /** A message for a client is put together here. */
  readonly #outgoing = new Uint8Array(LARGEST_MESSAGE_BYTES);
  #indications = 0;

  constructor(options: RelayingOptions) {
    this.#options = options;
  }

  /** ChannelData of a client (§12.6): receiving it refreshes nothing. */
  handleChannelData(now: number, allocation: Allocation, bytes: Uint8Array): void {
    const { tally } = this.#options;
    const length = uint16At(bytes, 2);
    const end = CHANNEL_DATA_HEADER_BYTES + length;
    if (bytes.length < CHANNEL_DATA_HEADER_BYTES || end > bytes.length) return tally.drop('malformed');
    const channel = allocation.channel(uint16At(bytes, 0));
    if (!channel) return tally.drop('channelUnbound');
    if (!allocation.maySend(now, length)) return tally.drop('overBandwidth');
    tally.countSent(length);
    const { address, port } = channel.target;
    channel.relay.socket?.send(bytes.subarray(CHANNEL_DATA_HEADER_BYTES, end), address, port);
  }

  /** A Send indication (§11.2). */
  handleSend(now: number, allocation: Allocation, indication: StunMessage): void {
    const { tally, policy, addresses } = this.#options;
    const peer = indication.xorAddress(ATTRIBUTE.xorPeerAddress);
    const data = indication.value(ATTRIBUTE.data);
    // DONT-FRAGMENT is among what is unknown: we cannot set that bit.
    if (!peer || !data || indication.unknownAttributes(SEND_ATTRIBUTES).length > 0) {
      return tally.drop('malformed');
    }
    const relay = allocation.relayOf(peer.address.includes(':') ? 6 : 4);
    if (!relay || !isPermitted(now, allocation, peer)) return tally.drop('noPermission');
    if (!policy.allows(peer)) return tally.drop('peerRefused');
    if (!allocation.maySend(now, data.length)) return tally.drop('overBandwidth');
    tally.countSent(data.length);
    const target = addresses.targetOf(peer);
    relay.socket?.send(data, target.address, target.port);
  }

  /** A datagram that came to a relay (§11.3): by its channel where the peer has one, else in a Data indication. */
  handlePeerDatagram(now: number, relay: Relay, data: Uint8Array, source: Endpoint): void {
    const { tally, addresses, policy } = this.#options;
    const { allocation } = relay;
    const peer = addresses.peerAt(source);
    if (!allocation || !isPermitted(now, allocation, peer)) return tally.drop('noPermission');
    const channel = allocation.channelTo(peer);
    // A permission is for every port of an address, and of this machine few are anybody's peer.
    if (!channel && !policy.allows(peer)) return tally.drop('peerRefused');
    const message = channel ? this.#channelData(channel.number, data) : this.#dataIndication(peer, data);
    if (!message) return tally.drop('tooLarge');
    if (!allocation.mayReceive(now, data.length)) return tally.drop('overBandwidth');
    if (!allocation.client.send(message)) return tally.drop('clientSlow');
    tally.countReceived(data.length);
  }

  #channelData(number: number, data: Uint8Array): Uint8Array | undefined {
    const sizeBytes = CHANNEL_DATA_HEADER_BYTES + data.length;
    if (sizeBytes > LARGEST_MESSAGE_BYTES) return undefined;
    setUint16(this.#outgoing, 0, number);
    setUint16(this.#outgoing, 2, data.length);
    this.#outgoing.set(data, CHANNEL_DATA_HEADER_BYTES);
    return this.#outgoing.subarray(0, sizeBytes);
  }

  /** §11.3: XOR-PEER-ADDRESS and DATA. */
  #dataIndication(peer: Endpoint, data: Uint8Array): Uint8Array | undefined {
    const head = { method: METHOD.data, class: 'indication', transactionId: this.#nextId() } as const;
    const writer = new StunWriter(head).xorAddress(ATTRIBUTE.xorPeerAddress, peer);
    const message = writer.add(ATTRIBUTE.data, data).finish();
    return message.length <= LARGEST_MESSAGE_BYTES ? message : undefined;
  }

  /** Nobody answers an indication, so that its id need only be another one each time. */
  #nextId(): Uint8Array {
    this.#indications += 1;
    const id = new Uint8Array(TRANSACTION_ID_BYTES);
    new DataView(id.buffer).setFloat64(0, this.#indications);
    return id;
  }
}

function isPermitted(now: number, allocation: Allocation, peer: Endpoint): boolean {
  const permission = allocation.permission(peer.address);
  return permission !== undefined && permission.expiresAt > now;
}

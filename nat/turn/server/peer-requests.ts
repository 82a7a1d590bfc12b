// CreatePermission and ChannelBind: with whom a client wants to speak (RFC 8656 §10.2, §12.2).
import type { Endpoint } from '../../../core/index.ts';
import { decodeAddress } from '../../stun/address-value.ts';
import { ATTRIBUTE } from '../../stun/attribute.ts';
import { uint16At } from '../../stun/header.ts';
import type { StunMessage } from '../../stun/message.ts';
import { FIRST_CHANNEL, LAST_OLD_CHANNEL } from '../channel-data.ts';
import { type Allocation, MOST_CHANNELS } from './allocation.ts';
import type { TurnErrorCode } from './answers.ts';
import type { PeerPolicy } from './peer-policy.ts';
import type { Relay, RelayAddresses } from './relay.ts';

export interface PeerRequestsOptions {
  readonly policy: PeerPolicy;
  readonly addresses: RelayAddresses;
}

/** Both leave everything as it was where they return an error. */
export class PeerRequests {
  readonly #options: PeerRequestsOptions;

  constructor(options: PeerRequestsOptions) {
    this.#options = options;
  }

  createPermissions(now: number, allocation: Allocation, request: StunMessage): TurnErrorCode | undefined {
    const peers = peersOf(request);
    if (!peers || peers.length === 0) return 400;
    const addresses = peers.map(({ address }) => address);
    if (addresses.some((address) => !relayFor(allocation, address))) return 443;
    if (addresses.some((address) => !this.#options.policy.allowsAddress(address))) return 403;
    if (!allocation.hasRoomFor(addresses)) return 508;
    for (const address of addresses) allocation.permit(now, address);
    return undefined;
  }

  bindChannel(now: number, allocation: Allocation, request: StunMessage): TurnErrorCode | undefined {
    const [number, peer] = [channelNumberOf(request), request.xorAddress(ATTRIBUTE.xorPeerAddress)];
    if (number === undefined || !peer) return 400;
    const relay = relayFor(allocation, peer.address);
    if (!relay) return 443;
    const [known, other] = [allocation.channel(number), allocation.channelTo(peer)];
    // §12.2: a channel has one peer, and a peer one channel.
    if (known !== other) return 400;
    if (!this.#options.policy.allows(peer)) return 403;
    if (!known && allocation.channelCount >= MOST_CHANNELS) return 508;
    if (!allocation.hasRoomFor([peer.address])) return 508;
    allocation.bind(now, { number, peer, relay, target: this.#options.addresses.targetOf(peer) });
    return undefined;
  }
}

/** @returns undefined where one of them cannot be read */
function peersOf(request: StunMessage): readonly Endpoint[] | undefined {
  const values = request.attributes.filter(({ type }) => type === ATTRIBUTE.xorPeerAddress);
  const peers = values.map(({ value }) => decodeAddress(value, request.bytes));
  return peers.every((peer) => peer !== undefined) ? peers : undefined;
}

function relayFor(allocation: Allocation, address: string): Relay | undefined {
  return allocation.relayOf(address.includes(':') ? 6 : 4);
}

// Departs from RFC 8656 §12.2: channels of RFC 5766 up to 0x7FFF are bound too, for coturn's clients still choose them.
/** CHANNEL-NUMBER (§18.1): two bytes, then two reserved ones. */
function channelNumberOf(request: StunMessage): number | undefined {
  const value = request.value(ATTRIBUTE.channelNumber);
  if (value?.length !== 4) return undefined;
  const number = uint16At(value, 0);
  return number >= FIRST_CHANNEL && number <= LAST_OLD_CHANNEL ? number : undefined;
}

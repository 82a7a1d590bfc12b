import { describe, expect, test } from 'vitest';
import { EndpointTable, KernelEndpoint, SocketAddress } from '../../../../../../core/index.ts';
import { PERMISSION_LIFETIME_MS } from '../../../../../../nat/turn/lifetimes.ts';
import { Allocation, type ChannelBinding } from '../../../../../../nat/turn/server/allocation.ts';
import { FastChannel } from '../../../../../../nat/turn/server/fast/fast-channel.ts';
import { FastClient } from '../../../../../../nat/turn/server/fast/fast-client.ts';
import { Outgoing } from '../../../../../../nat/turn/server/fast/outgoing.ts';
import { Relay } from '../../../../../../nat/turn/server/relay.ts';
import { FakeSystemCalls } from '../../../../../support/fake-system-calls.ts';

const PORT_FD = 7;
const RELAY_FD = 8;

function createClient(calls: FakeSystemCalls): FastClient {
  const remote = { address: '192.0.2.1', port: 4000 };
  const port = { local: remote, size: 0, send: () => {}, close: () => {} };
  return new FastClient(remote, {
    ...{ key: 'udp', fd: PORT_FD, port, endpoint: new KernelEndpoint(calls, remote) },
    ...{ outgoing: new Outgoing(calls), clients: new EndpointTable<FastClient>(false, 1) },
  });
}

/** A channel 0x4000 to the peer, bound at 0 ms. */
function createChannel({
  peer = { address: '192.0.2.2', port: 5000 },
  maxBytesPerSecond,
}: {
  readonly peer?: { address: string; port: number };
  readonly maxBytesPerSecond?: number;
} = {}) {
  const calls = new FakeSystemCalls();
  const client = createClient(calls);
  const isV6 = peer.address.includes(':');
  const local = isV6 ? '2001:db8::1' : '192.0.2.9';
  const relay = new Relay(isV6 ? 6 : 4, { local, advertised: local }, 50_000);
  const user = { username: 'alice', password: 'secret', quotaKey: 'alice' };
  const allocation = new Allocation({ client, user, relays: [relay], transactionKey: '', maxBytesPerSecond });
  let channel: FastChannel | undefined;
  relay.socket = {
    send: () => {},
    close: () => {},
    handleChannelBound: (binding: ChannelBinding) => {
      channel = new FastChannel(binding, { client, calls, relayFd: RELAY_FD });
    },
  };
  allocation.bind(0, { number: 0x4000, peer, relay, target: peer });
  if (!channel) throw new Error('a bound channel is told of');
  return { channel, client, allocation, peer };
}

/** As the kernel writes it. */
function sockaddr(address: string, port: number): Int32Array {
  const words = new Int32Array(8);
  const socketAddress = new SocketAddress(address.includes(':') ? 6 : 4);
  socketAddress.assign(address, port);
  socketAddress.write(words);
  return words;
}

describe('FastChannel', () => {
  test('is permitted as long as its permission lasts, which is renewed (RFC 8656 §9)', () => {
    const { channel, allocation, peer } = createChannel();
    expect(channel.isPermitted(PERMISSION_LIFETIME_MS - 1)).toBe(true);
    expect(channel.isPermitted(PERMISSION_LIFETIME_MS)).toBe(false);
    allocation.permit(PERMISSION_LIFETIME_MS, peer.address);
    expect(channel.isPermitted(PERMISSION_LIFETIME_MS)).toBe(true);
    expect(channel.isPermitted(2 * PERMISSION_LIFETIME_MS)).toBe(false);
  });

  test.each([
    { name: 'its peer', from: ['192.0.2.2', 5000], peer: '192.0.2.2', expected: true },
    { name: 'another port', from: ['192.0.2.2', 5001], peer: '192.0.2.2', expected: false },
    { name: 'another address', from: ['192.0.2.3', 5000], peer: '192.0.2.2', expected: false },
    { name: 'its peer by IPv6', from: ['2001:db8::2', 5000], peer: '2001:db8::2', expected: true },
    { name: 'another port by IPv6', from: ['2001:db8::2', 1], peer: '2001:db8::2', expected: false },
    { name: 'another IPv6 address', from: ['2001:db8::3', 5000], peer: '2001:db8::2', expected: false },
  ] as const)('knows $name', ({ from: [address, port], peer, expected }) => {
    const { channel } = createChannel({ peer: { address: peer, port: 5000 } });
    expect(channel.isFrom(sockaddr(address, port))).toBe(expected);
  });

  test('keeps the limit of its allocation, each way; without one there is none', () => {
    const { channel } = createChannel({ maxBytesPerSecond: 1000 });
    expect([channel.maySend(0, 600), channel.maySend(0, 600)]).toEqual([true, false]);
    expect([channel.mayReceive(0, 600), channel.mayReceive(0, 600)]).toEqual([true, false]);
    const { channel: free } = createChannel();
    expect([free.maySend(0, 1e9), free.mayReceive(0, 1e9)]).toEqual([true, true]);
  });
});

describe('FastClient', () => {
  test('finds a channel by its number, until it is removed', () => {
    const { channel, client } = createChannel();
    expect(client.channel(0x4000)).toBeUndefined();
    client.addChannel(channel);
    expect([client.channel(0x4000), client.channel(0x4001), client.channel(0x4000)]).toEqual([
      channel,
      undefined,
      channel,
    ]);
    client.removeChannel(channel);
    expect(client.channel(0x4000)).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../../core/index.ts';
import { LocalPeers } from '../../../../../nat/turn/server/local-peers.ts';
import { PeerPolicy } from '../../../../../nat/turn/server/peer-policy.ts';

const RELAY_PORTS = { first: 50_000, last: 50_100 };

function policy(
  options: { allowPeers?: string[]; denyPeers?: string[]; localPeers?: LocalPeers } = {},
): PeerPolicy {
  return new PeerPolicy({
    ownAddresses: ['127.0.0.1', '8.8.4.4', '10.0.0.1', '10.0.0.2'],
    relayAddresses: ['10.0.0.1', '9.9.9.9'],
    relayPorts: RELAY_PORTS,
    ...options,
  });
}

describe('by default', () => {
  test.each([
    { address: '8.8.8.8', isAllowed: true },
    { address: '2606:4700::1111', isAllowed: true },
    { address: '192.0.2.1', isAllowed: true, why: 'documentation, as in laboratories' },
    { address: '2001:db8::1', isAllowed: true, why: 'documentation' },
    { address: '0.0.0.0', isAllowed: false, why: 'unspecified' },
    { address: '0.1.2.3', isAllowed: false, why: 'this network' },
    { address: '127.0.0.1', isAllowed: false, why: 'loopback' },
    { address: '127.9.9.9', isAllowed: false, why: 'loopback' },
    { address: '10.1.2.3', isAllowed: false, why: 'private' },
    { address: '172.31.255.255', isAllowed: false, why: 'private' },
    { address: '172.32.0.0', isAllowed: true, why: 'just not private' },
    { address: '192.168.0.1', isAllowed: false, why: 'private' },
    { address: '100.64.0.1', isAllowed: false, why: 'shared' },
    { address: '169.254.169.254', isAllowed: false, why: 'link-local: where clouds keep their keys' },
    { address: '224.0.0.1', isAllowed: false, why: 'multicast' },
    { address: '240.0.0.1', isAllowed: false, why: 'reserved' },
    { address: '255.255.255.255', isAllowed: false, why: 'broadcast' },
    { address: '198.18.0.1', isAllowed: false, why: 'benchmarks' },
    { address: '8.8.4.4', isAllowed: false, why: 'our own, and no relay is there' },
    { address: '::', isAllowed: false, why: 'unspecified' },
    { address: '::1', isAllowed: false, why: 'loopback' },
    { address: 'fe80::1', isAllowed: false, why: 'link-local' },
    { address: 'fd00::1', isAllowed: false, why: 'unique local' },
    { address: 'fec0::1', isAllowed: false, why: 'site-local' },
    { address: 'ff02::1', isAllowed: false, why: 'multicast' },
    { address: '::ffff:808:808', isAllowed: false, why: 'IPv4-mapped' },
    { address: '::808:808', isAllowed: false, why: 'IPv4-compatible' },
    { address: '64:ff9b::a01:203', isAllowed: false, why: 'private behind NAT64' },
    { address: '64:ff9b::808:808', isAllowed: true, why: 'public behind NAT64' },
    { address: '2002:a01:203::1', isAllowed: false, why: 'private behind 6to4' },
    { address: '2002:808:808::1', isAllowed: true, why: 'public behind 6to4' },
    { address: '64:ff9b::808:404', isAllowed: false, why: 'our own behind NAT64' },
    { address: '64:ff9b::909:909', isAllowed: false, why: 'a relay behind NAT64' },
    { address: '64:ff9b:1::808:808', isAllowed: false, why: 'NAT64 of a network of its own' },
    {
      address: '64:ff9b:1:a01:0:203:808:808',
      isAllowed: false,
      why: 'the same, private, with a decoy behind it',
    },
    { address: '::ffff:0:a01:203', isAllowed: false, why: 'IPv4-translated' },
    { address: '5f00::1', isAllowed: false, why: 'segment routing' },
    { address: '4000::1', isAllowed: false, why: 'nobody has that' },
    { address: '2001:0:1::1', isAllowed: false, why: 'Teredo' },
    { address: 'host.example', isAllowed: false, why: 'no address' },
  ])('$address: $isAllowed, $why', ({ address, isAllowed }) => {
    expect(policy().allowsAddress(address)).toBe(isAllowed);
    expect(policy().allows({ address, port: 4000 })).toBe(isAllowed);
  });

  test.each([
    { address: '10.0.0.1', port: 50_000, isAllowed: true },
    { address: '9.9.9.9', port: 50_100, isAllowed: true },
    { address: '9.9.9.9', port: 50_101, isAllowed: false },
    { address: '10.0.0.1', port: 49_999, isAllowed: false },
    { address: '10.0.0.2', port: 50_000, isAllowed: false },
    { address: '8.8.8.8', port: 0, isAllowed: false },
  ])('of our own machine relays alone: $address:$port is $isAllowed', ({ address, port, isAllowed }) => {
    expect(policy().allows({ address, port })).toBe(isAllowed);
  });
});

describe('of our own machine, what was admitted', () => {
  const localPeers = new LocalPeers();
  const peers = ['9.9.9.9', '10.0.0.2', '127.0.0.1', '8.8.8.8'].map((address) => ({
    peer: { address, port: 10_000 },
    local: { address: '10.0.0.2', port: 10_000 },
  }));
  for (const peer of peers) localPeers.admit(peer);

  test.each(peers)('$peer.address:10000 is a peer, and its other ports are not', ({ peer }) => {
    expect(policy({ localPeers }).allowsAddress(peer.address)).toBe(true);
    expect(policy({ localPeers }).allows(peer)).toBe(true);
    expect(policy({ localPeers }).allows({ ...peer, port: 5060 })).toBe(false);
    expect(policy({ localPeers, denyPeers: [peer.address] }).allows(peer)).toBe(false);
    expect(policy({ localPeers, allowPeers: [peer.address] }).allows({ ...peer, port: 5060 })).toBe(true);
  });

  test('is none any more when it was dismissed', () => {
    const gone = new LocalPeers();
    for (const peer of peers) gone.admit(peer);
    for (const peer of peers) gone.dismiss(peer);
    for (const { peer } of peers) expect(policy({ localPeers: gone }).allows(peer)).toBe(false);
  });
});

describe('by configuration', () => {
  test('what is allowed is, with every port of our own too', () => {
    const allowing = policy({ allowPeers: ['10.0.0.0/8', 'fd00::/8'] });
    expect(allowing.allows({ address: '10.9.9.9', port: 1 })).toBe(true);
    expect(allowing.allows({ address: '10.0.0.1', port: 22 })).toBe(true);
    expect(allowing.allowsAddress('fd12::1')).toBe(true);
    expect(allowing.allowsAddress('192.168.1.1')).toBe(false);
  });

  test('what is denied is, whatever else is said', () => {
    const denying = policy({ allowPeers: ['8.0.0.0/8'], denyPeers: ['8.8.8.0/25', '2600::/12'] });
    expect(denying.allowsAddress('8.8.8.127')).toBe(false);
    expect(denying.allowsAddress('8.8.8.128')).toBe(true);
    expect(denying.allowsAddress('2606:4700::1')).toBe(false);
    expect(denying.allowsAddress('64:ff9b::808:87f')).toBe(false);
    expect(denying.allowsAddress('64:ff9b::808:880')).toBe(true);
  });

  test('an IPv4-mapped address is refused even so', () => {
    expect(policy({ allowPeers: ['::/0'] }).allowsAddress('::ffff:808:808')).toBe(false);
  });

  test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0/8', 'localhost', '::/129', '1.1.1.1/8/8'])(
    '"%s" is no prefix',
    (text) => {
      expect(() => policy({ allowPeers: [text] })).toThrow(UsageError);
    },
  );
});

test('an address is the same however its owner wrote it', () => {
  const relayAddresses = ['2A00:0::1'];
  const own = new PeerPolicy({ ownAddresses: ['2A00::2'], relayAddresses, relayPorts: RELAY_PORTS });
  expect(own.allowsAddress('2a00::2')).toBe(false);
  expect(own.allows({ address: '2a00::1', port: 22 })).toBe(false);
  expect(own.allows({ address: '2a00::1', port: 50_000 })).toBe(true);
});

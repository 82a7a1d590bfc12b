import { describe, expect, test } from 'vitest';
import { AddressPrefix } from '../../../../core/index.ts';
import { AdvertisedAddresses } from '../../../../server/addresses/index.ts';

const OUTSIDE = '203.0.113.7';
const OUTSIDE_6 = '2001:db8::7';

interface Setup {
  readonly addresses: readonly string[];
  /** Of the interfaces, loopback aside. */
  readonly networks: readonly string[];
  readonly insideNetworks?: readonly string[];
}

function advertised({ addresses, networks, insideNetworks }: Setup): AdvertisedAddresses {
  const all = ['127.0.0.1/8', '::1/128', ...networks].map((text) => new AddressPrefix(text));
  return new AdvertisedAddresses({ addresses, insideNetworks, localNetworks: () => all });
}

const OFFICE: Setup = { addresses: [OUTSIDE], networks: ['10.0.0.5/24', 'fd00:1::5/64', '2001:db8::5/64'] };
/** The address of the host, which forwards to the container, and that of the router before it. */
const CONTAINER: Setup = { addresses: [OUTSIDE, '192.168.1.10'], networks: ['172.17.0.2/16'] };

/** `expected: undefined` is the local address from which packets to the peer leave. */
const CASES: readonly (Setup & {
  readonly name: string;
  readonly peers: Readonly<Record<string, string | undefined>>;
})[] = [
  {
    name: 'nothing is advertised',
    addresses: [],
    networks: ['10.0.0.5/24'],
    peers: { '10.0.0.20': undefined, '198.51.100.9': undefined, '2001:db8::9': undefined, name: undefined },
  },
  {
    name: 'a server in an office, or a machine of a cloud, behind a NAT',
    ...OFFICE,
    peers: {
      '10.0.0.20': undefined,
      // Of other networks of the office, and through a VPN.
      '10.0.20.7': undefined,
      '192.168.44.2': undefined,
      '100.64.1.2': undefined,
      '169.254.7.7': undefined,
      '127.0.0.1': undefined,
      '198.51.100.9': OUTSIDE,
      '::ffff:198.51.100.9': OUTSIDE,
      'sip.example.com': OUTSIDE,
      // None of this family is advertised.
      '2001:db8:1::9': undefined,
      'fd00:1::9': undefined,
      '::1': undefined,
    },
  },
  {
    name: 'both families are advertised',
    ...OFFICE,
    addresses: [OUTSIDE_6, OUTSIDE],
    peers: {
      '198.51.100.9': OUTSIDE,
      '2001:db8:1::9': OUTSIDE_6,
      '2001:DB8:1:0::9': OUTSIDE_6,
      'fd00:1::9': undefined,
      'fe80::9%eth0': undefined,
      '10.0.0.20': undefined,
    },
  },
  {
    name: 'a container that is told the address of its host in a private network',
    ...CONTAINER,
    addresses: ['192.168.1.10'],
    peers: {
      '192.168.1.20': '192.168.1.10',
      '10.8.0.3': '192.168.1.10',
      '198.51.100.9': '192.168.1.10',
      '172.17.0.3': undefined,
    },
  },
  {
    name: 'a container behind two: that of its host, and that of the router',
    ...CONTAINER,
    peers: {
      '192.168.1.20': '192.168.1.10',
      '198.51.100.9': OUTSIDE,
      '172.17.0.3': undefined,
      '127.0.0.1': undefined,
    },
  },
  {
    name: 'an address that several machines of one network share',
    addresses: ['10.0.0.50'],
    networks: ['10.0.0.5/24'],
    peers: { '10.0.0.20': '10.0.0.50', '10.0.1.20': '10.0.0.50', '127.0.0.1': undefined },
  },
  {
    name: 'an address of loopback, where something relays to us',
    addresses: ['127.0.0.2'],
    networks: ['10.0.0.5/24'],
    peers: { '127.0.0.1': '127.0.0.2', '10.0.0.20': undefined, '198.51.100.9': undefined, '::1': undefined },
  },
  {
    name: 'a machine with a public address means what it advertises for its neighbours, too',
    addresses: [OUTSIDE],
    networks: ['198.51.100.5/24'],
    peers: { '198.51.100.9': OUTSIDE },
  },
  {
    name: 'inside networks by configuration',
    ...OFFICE,
    insideNetworks: ['10.0.0.0/16', '198.51.100.0/24'],
    peers: {
      '10.0.0.20': undefined,
      '198.51.100.9': undefined,
      '10.1.0.20': OUTSIDE,
      '192.168.44.2': OUTSIDE,
      '203.0.113.99': OUTSIDE,
      '127.0.0.1': undefined,
    },
  },
  {
    name: 'nobody is inside, by configuration',
    ...OFFICE,
    insideNetworks: [],
    peers: { '10.0.0.20': OUTSIDE, '198.51.100.9': OUTSIDE, '127.0.0.1': undefined },
  },
  {
    name: 'of two inside networks the narrower one counts',
    addresses: [OUTSIDE, '10.0.0.50'],
    networks: [],
    insideNetworks: ['10.0.0.0/8', '10.7.0.0/16'],
    peers: { '10.1.0.9': '10.0.0.50', '10.7.0.9': undefined, '198.51.100.9': OUTSIDE },
  },
];

describe('AdvertisedAddresses: who is told which address', () => {
  for (const { name, peers, ...setup } of CASES) {
    test.each(Object.entries(peers))(`${name}: %s is told %s`, (peer, expected) => {
      expect(advertised(setup).addressFor(peer)).toBe(expected);
    });
  }

  test('interfaces may change', () => {
    let networks = [new AddressPrefix('10.0.0.5/24')];
    const addresses = new AdvertisedAddresses({
      addresses: ['192.168.1.10'],
      insideNetworks: undefined,
      localNetworks: () => networks,
    });
    expect(addresses.addressFor('172.17.0.3')).toBe('192.168.1.10');
    networks = [new AddressPrefix('172.17.0.2/16')];
    expect(addresses.addressFor('172.17.0.3')).toBeUndefined();
  });

  test.each([
    { addresses: [], expected: [] },
    { addresses: [OUTSIDE, '192.168.1.10', OUTSIDE_6], expected: [OUTSIDE, OUTSIDE_6] },
    { addresses: ['192.168.1.10'], expected: ['192.168.1.10'] },
    { addresses: ['127.0.0.2'], expected: ['127.0.0.2'] },
  ])('peers of relays are told $expected of $addresses', ({ addresses, expected }) => {
    expect(advertised({ addresses, networks: [] }).ofRelays).toEqual(expected);
  });
});

import { describe, expect, test } from 'vitest';
import { AddressPrefix } from '../../../../core/index.ts';
import { doubtAbout } from '../../../../server/addresses/index.ts';

const LISTENING = [{ address: '0.0.0.0', port: 5060 }];

interface Case {
  readonly name: string;
  readonly advertised: string;
  readonly networks: readonly string[];
  /** Undefined: nothing speaks against it. */
  readonly doubt?: RegExp;
}

const CASES: readonly Case[] = [
  { name: 'a public one before a private network', advertised: '203.0.113.7', networks: ['10.0.0.5/24'] },
  { name: 'our own', advertised: '10.0.0.5', networks: ['10.0.0.5/24'] },
  { name: 'a private one of another network', advertised: '192.168.1.10', networks: ['172.17.0.2/16'] },
  { name: 'one of loopback', advertised: '127.0.0.2', networks: ['10.0.0.5/24'] },
  {
    name: 'that of a neighbour',
    advertised: '10.0.0.9',
    networks: ['10.0.0.5/24'],
    doubt: /"10.0.0.9" is that of a neighbour: this machine is 10.0.0.5 .* or write "10.0.0.5"$/,
  },
  {
    name: 'another public one than ours',
    advertised: '203.0.113.7',
    networks: ['10.0.0.5/24', '198.51.100.5/24'],
    doubt: /which has the public address 198.51.100.5 itself/,
  },
  {
    name: 'of a family that SIP does not listen on',
    advertised: '2001:db8::7',
    networks: ['10.0.0.5/24'],
    doubt: /^nobody is told .*"2001:db8::7": SIP listens on 0.0.0.0:5060 alone; let it listen on IPv6/,
  },
];

describe('doubtAbout() an advertised address', () => {
  test.each(CASES)('$name', ({ advertised, networks, doubt }) => {
    const all = ['127.0.0.1/8', ...networks].map((text) => new AddressPrefix(text));
    const own = new Set(all.map(({ address }) => address));
    const said = doubtAbout(advertised, { own, networks: all, listening: LISTENING });
    if (doubt) expect(said).toMatch(doubt);
    else expect(said).toBeUndefined();
  });
});

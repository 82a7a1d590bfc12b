import { describe, expect, test } from 'vitest';
import { usefulAddresses } from '../../../../nat/index.ts';

// RFC 8445 §5.1.1.1.
describe('usefulAddresses()', () => {
  const table = [
    { name: 'nothing', addresses: [], expected: [] },
    {
      name: 'IPv4 before IPv6',
      addresses: ['2001:db8::1', '10.0.0.1'],
      expected: ['10.0.0.1', '2001:db8::1'],
    },
    {
      name: 'no loopback beside others',
      addresses: ['127.0.0.1', '::1', '10.0.0.1'],
      expected: ['10.0.0.1'],
    },
    { name: 'loopback alone', addresses: ['127.0.0.1', '::1'], expected: ['127.0.0.1', '::1'] },
    {
      name: 'link-local IPv4 before loopback',
      addresses: ['127.0.0.1', '169.254.1.2'],
      expected: ['169.254.1.2'],
    },
    { name: 'link-local IPv6 never', addresses: ['fe80::1', '::1'], expected: ['::1'] },
    { name: 'deprecated site-local never', addresses: ['fec0::1', 'feff::1'], expected: [] },
    { name: 'mapped and compatible never', addresses: ['::ffff:10.0.0.1', '::10.0.0.1'], expected: [] },
    { name: 'unique local', addresses: ['fd00::1', '::1'], expected: ['fd00::1'] },
    { name: 'none of all', addresses: ['0.0.0.0', '::', '224.0.0.1', 'ff02::1'], expected: [] },
    { name: 'no text that is none', addresses: ['eth0', ''], expected: [] },
    { name: 'each once', addresses: ['10.0.0.1', '10.0.0.1'], expected: ['10.0.0.1'] },
    {
      name: 'four of a family',
      addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', 'fd00::1'],
      expected: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', 'fd00::1'],
    },
  ];
  test.each(table)('$name', ({ addresses, expected }) => {
    expect(usefulAddresses(addresses)).toEqual(expected);
  });
});

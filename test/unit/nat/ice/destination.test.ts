import { describe, expect, test } from 'vitest';
import { canReach, isCheckable } from '../../../../nat/ice/destination.ts';
import type { CandidateType } from '../../../../nat/ice/types.ts';
import { candidateOf } from './samples.ts';

describe('isCheckable()', () => {
  test.each([
    { address: '198.51.100.1', port: 1, expected: true },
    { address: '10.0.0.1', port: 65_535, expected: true },
    { address: '2001:db8::1', port: 5000, expected: true },
    { address: '198.51.100.1', port: 0, expected: false },
    { address: '0.0.0.0', port: 5000, expected: false },
    { address: '::', port: 5000, expected: false },
    { address: '224.0.0.251', port: 5353, expected: false },
    { address: 'ff02::fb', port: 5353, expected: false },
    { address: '255.255.255.255', port: 5000, expected: false },
    { address: '::ffff:224.0.0.1', port: 5000, expected: false },
    { address: 'host.local', port: 5000, expected: false },
  ])('$address port $port: $expected', ({ address, port, expected }) => {
    expect(isCheckable({ address, port })).toBe(expected);
  });
});

describe('canReach()', () => {
  const at = (address: string, type: CandidateType = 'host', component: 1 | 2 = 1) =>
    candidateOf(type, 1, { endpoint: { address, port: 5000 }, component });

  test.each([
    { name: 'inside to outside', local: at('10.0.0.1'), remote: at('198.51.100.1'), expected: true },
    { name: 'two families', local: at('10.0.0.1'), remote: at('2001:db8::1'), expected: false },
    {
      name: 'two components',
      local: at('10.0.0.1'),
      remote: at('198.51.100.1', 'host', 2),
      expected: false,
    },
    { name: 'link-local with its like', local: at('fe80::1'), remote: at('fe80::2'), expected: true },
    { name: 'link-local with another', local: at('fe80::1'), remote: at('2001:db8::1'), expected: false },
    { name: 'to somebody’s loopback', local: at('10.0.0.1'), remote: at('127.0.0.1'), expected: false },
    { name: 'loopback to itself', local: at('127.0.0.1'), remote: at('127.0.0.1'), expected: true },
    {
      name: 'a relay outside to a host inside',
      local: at('198.51.100.1', 'relayed'),
      remote: at('192.168.1.2'),
      expected: false,
    },
    {
      name: 'a relay inside to a host inside',
      local: at('10.0.0.9', 'relayed'),
      remote: at('192.168.1.2'),
      expected: true,
    },
    {
      name: 'a relay outside to its own machine, which we reach inside',
      local: at('198.51.100.1', 'relayed'),
      relay: '10.0.0.5',
      remote: at('10.0.0.5'),
      expected: true,
    },
    {
      name: 'a relay to the loopback of our machine, where it is',
      local: at('10.0.0.9', 'relayed'),
      relay: '127.0.0.1',
      remote: at('127.0.0.1'),
      expected: true,
    },
    { name: 'to a group', local: at('10.0.0.1'), remote: at('239.1.2.3'), expected: false },
  ])('$name: $expected', ({ local, relay, remote, expected }) => {
    const candidate = { candidate: local, base: 1, ...(relay === undefined ? {} : { relay }) };
    expect(canReach(candidate, remote)).toBe(expected);
  });
});

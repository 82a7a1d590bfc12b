import { describe, expect, it } from 'vitest';
import { createNodeRuntime, type Network, type Runtime } from '../../../../core/index.ts';
import { LocalAddresses } from '../../../../signaling/endpoint/local-addresses.ts';

/** A runtime whose host has these addresses, and a kernel that answers by the table. */
function hostWith(addresses: readonly string[], routes: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const state = { now: 0, addresses };
  const real = createNodeRuntime();
  const network: Network = {
    ...real.network,
    localAddresses: () => state.addresses,
    sourceAddressFor: async (remote) => {
      asked.push(remote);
      return routes[remote];
    },
  };
  const runtime: Runtime = { ...real, network, clock: { now: () => state.now, wallClock: () => 0 } };
  return { locals: new LocalAddresses(runtime), asked, state };
}

const LOOPBACK = ['127.0.0.1', '::1'];

describe('LocalAddresses', () => {
  it.each([
    { name: 'one address a family: that', remote: '203.0.113.9', expected: '192.0.2.1' },
    { name: 'IPv6 likewise', remote: '2001:db8:1::9', expected: '2001:db8::1' },
    { name: 'loopback for loopback', remote: '127.0.0.9', expected: '127.0.0.1' },
    { name: 'loopback of IPv6', remote: '::1', expected: '::1' },
    { name: 'an address of our own for itself', remote: '192.0.2.1', expected: '192.0.2.1' },
  ])('knows without asking: $name', ({ remote, expected }) => {
    const { locals, asked } = hostWith([...LOOPBACK, '192.0.2.1', '2001:db8::1', 'fe80::1']);
    expect(locals.toward(remote)).toBe(expected);
    expect(asked).toEqual([]);
  });

  it('asks the kernel where there are several, once for each peer', async () => {
    const { locals, asked } = hostWith([...LOOPBACK, '192.0.2.1', '10.0.0.1'], { '203.0.113.9': '10.0.0.1' });
    expect(locals.toward('203.0.113.9')).toBeUndefined();
    expect(await locals.ask('203.0.113.9')).toBe('10.0.0.1');
    expect(locals.toward('203.0.113.9')).toBe('10.0.0.1');
    expect(asked).toEqual(['203.0.113.9']);
  });

  it('guesses the address that is most like the peer’s, and knows better the next time', async () => {
    const { locals } = hostWith([...LOOPBACK, '192.0.2.1', '10.0.0.1'], { '10.9.9.9': '192.0.2.1' });
    expect(locals.guess('10.9.9.9')).toBe('10.0.0.1');
    await Promise.resolve().then(() => {});
    expect(locals.guess('10.9.9.9')).toBe('192.0.2.1');
  });

  it('asks the kernel about a bounded number of peers at once', () => {
    const { locals, asked } = hostWith([...LOOPBACK, '192.0.2.1', '10.0.0.1']);
    for (let i = 0; i < 1000; i += 1) locals.guess(`198.51.${i >> 8}.${i & 255}`);
    expect(asked.length).toBeLessThanOrEqual(64);
  });

  it('guesses where there is no route', async () => {
    const { locals } = hostWith([...LOOPBACK, '192.0.2.1', '10.0.0.1']);
    expect(await locals.ask('192.0.2.200')).toBe('192.0.2.1');
  });

  it('a host without network still has loopback', () => {
    expect(hostWith(LOOPBACK).locals.guess('203.0.113.9')).toBe('127.0.0.1');
  });

  it('notices that an interface has changed', () => {
    const { locals, state } = hostWith([...LOOPBACK, '192.0.2.1']);
    expect(locals.toward('203.0.113.9')).toBe('192.0.2.1');
    state.addresses = [...LOOPBACK, '192.0.2.77'];
    state.now = 9_999;
    expect(locals.toward('203.0.113.9')).toBe('192.0.2.1');
    state.now = 10_000;
    expect(locals.toward('203.0.113.9')).toBe('192.0.2.77');
  });
});

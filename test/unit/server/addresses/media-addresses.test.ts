import { describe, expect, test } from 'vitest';
import { createNodeRuntime, type Network, type Runtime } from '../../../../core/index.ts';
import { AdvertisedAddresses, MediaAddresses, OwnAddresses } from '../../../../server/addresses/index.ts';

/** A machine in an office whose addresses and routes may change. */
function machine(advertised: readonly string[] = []) {
  const state = {
    now: 0,
    networks: ['10.0.0.5/24'],
    routes: { '10.0.0.20': '10.0.0.5' } as Record<string, string>,
  };
  const asked: string[] = [];
  const real = createNodeRuntime();
  const network: Network = {
    ...real.network,
    localAddresses: () => state.networks.map((text) => text.replace(/\/.*/, '')),
    localNetworks: () => state.networks,
    resolveHost: async (name) => (name === 'pbx.example.com' ? ['198.51.100.9'] : []),
    sourceAddressFor: async (remote) => {
      asked.push(remote);
      return (
        state.routes[remote] ?? (remote.includes(':') ? undefined : state.networks[0]?.replace(/\/.*/, ''))
      );
    },
  };
  const runtime: Runtime = { ...real, network, clock: { now: () => state.now, wallClock: () => 0 } };
  const own = new OwnAddresses(runtime);
  const options = { addresses: advertised, insideNetworks: undefined, localNetworks: () => own.networks };
  const addresses = new MediaAddresses({ runtime, own, advertised: new AdvertisedAddresses(options) });
  return { addresses, state, asked };
}

describe('MediaAddresses', () => {
  test.each([
    { peer: '10.0.0.20', shown: '10.0.0.5' },
    { peer: '198.51.100.9', shown: '203.0.113.7' },
    { peer: 'pbx.example.com', shown: '203.0.113.7' },
  ])('a leg for $peer shows $shown, bound to where the route leads', async ({ peer, shown }) => {
    const { addresses } = machine(['203.0.113.7']);
    expect(await addresses.toward(peer)).toEqual({ bind: '10.0.0.5', shown });
  });

  test.each([
    { peer: 'nowhere.example.com', bind: '127.0.0.1' },
    { peer: '[2001:db8::9]', bind: '::1' },
  ])('$peer, to whom no way leads, gets $bind', async ({ peer, bind }) => {
    const { addresses } = machine();
    expect(await addresses.toward(peer)).toEqual({ bind, shown: bind });
  });

  test('routes are asked for once a peer, and anew when an address of this machine is gone', async () => {
    const { addresses, state, asked } = machine();
    for (const peer of ['10.0.0.20', '10.0.0.20', '198.51.100.9']) await addresses.toward(peer);
    expect(asked).toEqual(['10.0.0.20', '198.51.100.9']);
    state.networks = ['10.0.7.5/24'];
    state.routes = {};
    state.now = 5000;
    expect(await addresses.toward('10.0.0.20')).toEqual({ bind: '10.0.7.5', shown: '10.0.7.5' });
  });
});

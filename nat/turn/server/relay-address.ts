// On which addresses of this machine relays are, and how they are reached.
import { addressFamily, addressScope, type Endpoint, type Network, UsageError } from '../../../core/index.ts';
import type { TurnServerOptions } from './options.ts';
import type { RelayAddress } from './types.ts';

// RFC 5737, RFC 3849: nobody is there, but the route to everybody leads past them.
const ANYWHERE = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

/** One of each family at most; see {@link TurnServerOptions.relayAddresses}. */
export async function relayAddressesFor(
  network: Network,
  { listen, relayAddresses, advertisedAddresses = [] }: TurnServerOptions,
): Promise<readonly RelayAddress[]> {
  const listened = [...(listen.udp ?? []), ...(listen.tcp ?? []), ...(listen.tls ?? [])];
  const locals = relayAddresses ?? (await addressesOf(network, listened));
  return ([4, 6] as const).flatMap((family) => {
    const advertised = onlyOne(advertisedAddresses, family, 'advertisedAddresses');
    const local = relayAddresses
      ? onlyOne(locals, family, 'relayAddresses')
      : locals.find((address) => addressFamily(address) === family);
    return local === undefined ? [] : [{ local, advertised: advertised ?? local }];
  });
}

function onlyOne(addresses: readonly string[], family: 4 | 6, option: string): string | undefined {
  const found = addresses.filter((address) => addressFamily(address) === family);
  const bad = addresses.find((address) => addressFamily(address) === undefined);
  if (bad !== undefined) throw new UsageError(`${option}: "${bad}" is not a numeric address; give one`);
  if (found.length > 1)
    throw new UsageError(`${option}: "${found[1]}" is the second of IPv${family}; give one`);
  return found[0];
}

async function addressesOf(network: Network, listened: readonly Endpoint[]): Promise<readonly string[]> {
  const found = await Promise.all(listened.map(({ address }) => concrete(network, address)));
  return found.filter((address) => address !== undefined);
}

async function concrete(network: Network, address: string): Promise<string | undefined> {
  if (address !== '0.0.0.0' && address !== '::') return address;
  const family = address === '::' ? 6 : 4;
  const source = await network.sourceAddressFor(ANYWHERE[family]);
  if (source !== undefined) return source;
  const own = network.localAddresses().filter((local) => addressFamily(local) === family);
  return own.find((local) => addressScope(local) !== 'loopback') ?? own[0];
}

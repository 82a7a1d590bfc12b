// A second port beside each of STUN, and a second address where there is one: by them phones find out what their NAT does
// (RFC 5780 §6).
import {
  addressFamily,
  addressScope,
  type Endpoint,
  formatEndpoint,
  isSameEndpoint,
  UsageError,
} from '../../core/index.ts';
import { type AlternateEndpoints, endpointAt, SERVER_SOCKETS } from '../../nat/index.ts';
import { reachOf } from '../addresses/index.ts';
import { type FreePlaceOptions, faultOf } from './free-place.ts';
import type { TurnSettings } from './turn-places.ts';

export interface DiscoveryPlacesOptions extends FreePlaceOptions {
  readonly settings: TurnSettings;
  /** Where who may be anywhere reaches this server, as configured; another address than its own means a NAT. */
  readonly advertised: readonly string[];
}

export interface DiscoveryPlaces {
  /** Those that were given, or the addresses that they stand for, and behind them those that discovery needs besides. */
  readonly udp: readonly Endpoint[];
  readonly alternates: readonly AlternateEndpoints[];
}

/** What `turn.otherAddress` asks for; nothing in particular where it is `auto`. */
interface Wanted {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
/** RFC 5737, RFC 3849: nobody is there, but the route to everybody leads past them. */
const ANYWHERE = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

/** @throws UsageError where `turn.otherAddress` names what cannot be */
export async function discoveryPlaces(
  udp: readonly Endpoint[],
  options: DiscoveryPlacesOptions,
): Promise<DiscoveryPlaces> {
  const { otherAddress } = options.settings;
  if (otherAddress === 'off') return { udp, alternates: [] };
  if (otherAddress === 'auto') return automatic(udp, options);
  checkWanted(udp, otherAddress, options);
  return configured(udp, otherAddress, options);
}

/** As much as there is, and is free. */
async function automatic(
  udp: readonly Endpoint[],
  options: DiscoveryPlacesOptions,
): Promise<DiscoveryPlaces> {
  // What is configured is taken as it is. IPv6 addresses come and go (RFC 8981): those are for who names them.
  const firsts = options.settings.udp ? udp : await cut(udp, options, hasTwoOfIpv4);
  const places = [...firsts];
  for (const place of secondsOf(firsts)) {
    if ((await faultOf(place, options)) === undefined) places.push(place);
    else
      options.log.info({ place: formatEndpoint(place) }, 'NAT discovery goes without a port that is taken');
  }
  const pairs = pairsOf(firsts.filter((place) => isReachable(place) && !natBefore(place.address, options)));
  return { udp: places, alternates: pairs.filter((pair) => areAllIn(places, pair)) };
}

/** All that was asked for. */
async function configured(
  udp: readonly Endpoint[],
  wanted: Wanted,
  options: DiscoveryPlacesOptions,
): Promise<DiscoveryPlaces> {
  const { address } = wanted;
  const family = address === undefined ? undefined : addressFamily(address);
  const given = await cut(
    udp,
    options,
    (own) => family !== undefined && addressFamily(own[0] ?? '') === family,
  );
  const first = address === undefined ? undefined : besideOf(given, address);
  const other = first && address !== undefined ? { address, port: first.port } : undefined;
  if (address !== undefined && !other)
    throw refused(wanted, 'and turn.udp has no address beside it; give it one');
  const isNew = other && !given.some((place) => isSameEndpoint(place, other));
  const firsts = isNew ? [...given, other] : given;
  const seconds = secondsOf(firsts, wanted.port);
  for (const place of [...(isNew ? [other] : []), ...seconds]) {
    const code = await faultOf(place, options);
    if (code !== undefined) throw refused(wanted, `and ${formatEndpoint(place)} ${reasonOf(code)}`);
  }
  return {
    udp: [...firsts, ...seconds],
    alternates: first && other ? pairsOf([first, other], wanted.port) : [],
  };
}

/** Of its family, and of its kind where there is such a one. */
function besideOf(given: readonly Endpoint[], address: string): Endpoint | undefined {
  const own = given.filter(
    (place) => addressFamily(place.address) === addressFamily(address) && place.address !== address,
  );
  return own.find((place) => addressScope(place.address) === addressScope(address)) ?? own[0];
}

function checkWanted(udp: readonly Endpoint[], wanted: Wanted, options: DiscoveryPlacesOptions): void {
  if (udp.length === 0) throw refused(wanted, 'and STUN does not listen on UDP; let it, with turn.udp');
  if (udp.some(({ port }) => port === wanted.port)) {
    throw refused(wanted, 'and turn.udp has that port already; choose another one');
  }
  const outside = wanted.address === undefined ? undefined : natBefore(wanted.address, options);
  if (outside !== undefined) {
    throw refused(wanted, `and phones reach this server at ${outside}, through a NAT; give a port alone`);
  }
}

function refused({ address, port }: Wanted, words: string): UsageError {
  const host = address === undefined ? undefined : formatEndpoint({ address, port: port ?? 0 });
  const text = port === undefined ? address : (host ?? port);
  return new UsageError(`turn.otherAddress is "${text}", ${words}`);
}

function reasonOf(code: string): string {
  if (code === 'EADDRNOTAVAIL') return 'is not on this machine; choose an address that is';
  if (code === 'EADDRINUSE') return 'is taken; choose another port';
  return `cannot be had (${code}); choose another one`;
}

/** A place on every address becomes one on each, where it must be known to which a request came. */
async function cut(
  udp: readonly Endpoint[],
  { network }: DiscoveryPlacesOptions,
  isNeeded: (own: readonly string[]) => boolean,
): Promise<readonly Endpoint[]> {
  const places: Endpoint[] = [];
  for (const place of udp) {
    const family = addressFamily(place.address) ?? 4;
    const own = network
      .localAddresses()
      .filter((address) => addressFamily(address) === family && addressScope(address) !== 'link-local');
    if (!EVERYWHERE.has(place.address) || place.port === 0 || !isNeeded(own)) places.push(place);
    else {
      // That from which packets leave is the first: relays are there.
      const source = await network.sourceAddressFor(ANYWHERE[family]);
      const sorted = own.toSorted((a, b) => Number(b === source) - Number(a === source));
      places.push(...sorted.map((address) => ({ ...place, address })));
    }
  }
  return places;
}

function hasTwoOfIpv4(own: readonly string[]): boolean {
  return own.filter((address) => isReachable({ address }) && addressFamily(address) === 4).length > 1;
}

function isReachable({ address }: Pick<Endpoint, 'address'>): boolean {
  return reachOf(address) === 'internet';
}

/** @returns the address of a NAT through which clients of that family come: they see another address than ours */
function natBefore(address: string, { advertised, network }: DiscoveryPlacesOptions): string | undefined {
  const own = network.localAddresses();
  return advertised.find((one) => addressFamily(one) === addressFamily(address) && !own.includes(one));
}

/** Of RFC 5780 §6's pair of ports the other one, beside each place that is not there yet. */
function secondsOf(firsts: readonly Endpoint[], port?: number): readonly Endpoint[] {
  return firsts
    .filter((first) => first.port !== 0)
    .map((first) => ({ ...first, port: secondPortOf(first, port) }))
    .filter((place) => place.port <= 65_535 && !firsts.some((first) => isSameEndpoint(first, place)));
}

/** As coturn and other servers have it. */
function secondPortOf(first: Endpoint, port = first.port + 1): number {
  return port;
}

/** The first two addresses of each family that have a port in common. */
function pairsOf(firsts: readonly Endpoint[], port?: number): readonly AlternateEndpoints[] {
  return ([4, 6] as const).flatMap((family) => {
    const own = firsts.filter(({ address }) => addressFamily(address) === family);
    const [first] = own;
    const other = own.find((place) => place.port === first?.port && place.address !== first.address);
    if (!first || !other) return [];
    return [
      {
        addresses: [first.address, other.address] as const,
        ports: [first.port, secondPortOf(first, port)] as const,
      },
    ];
  });
}

/** RFC 5780 §6: without the same ports on both addresses there is no OTHER-ADDRESS. */
function areAllIn(places: readonly Endpoint[], pair: AlternateEndpoints): boolean {
  return SERVER_SOCKETS.every((socket) =>
    places.some((place) => isSameEndpoint(place, endpointAt(pair, socket))),
  );
}

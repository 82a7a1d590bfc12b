// What makes an advertised address look wrong when the server starts.
import {
  type AddressPrefix,
  addressBytes,
  addressFamily,
  type Endpoint,
  formatEndpoint,
} from '../../core/index.ts';
import { type Reach, reachOf } from './reach.ts';

export interface Surroundings {
  /** Addresses of this machine. */
  readonly own: ReadonlySet<string>;
  readonly networks: readonly AddressPrefix[];
  /** Where SIP listens. */
  readonly listening: readonly Endpoint[];
}

/**
 * A sentence for the operator; undefined where nothing speaks against the address.
 *
 * @param advertised - numeric
 */
export function doubtAbout(advertised: string, surroundings: Surroundings): string | undefined {
  const { own, listening } = surroundings;
  const family = addressFamily(advertised);
  if (!listening.some(({ address }) => addressFamily(address) === family)) {
    const places = listening.map(formatEndpoint).join(', ');
    return `nobody is told advertisedAddress "${advertised}": SIP listens on ${places} alone; let it listen on IPv${family}, or leave the address out`;
  }
  if (own.has(advertised)) return undefined;
  return { machine: () => undefined, private: neighbourDoubt, internet: publicDoubt }[reachOf(advertised)](
    advertised,
    surroundings,
  );
}

function neighbourDoubt(advertised: string, { networks }: Surroundings): string | undefined {
  const bytes = addressBytes(advertised);
  const network = networks.find((one) => bytes && one.has(bytes));
  if (!network) return undefined;
  return `advertisedAddress "${advertised}" is that of a neighbour: this machine is ${network.address} in the same network; see that it is forwarded here, or write "${network.address}"`;
}

function publicDoubt(advertised: string, { own }: Surroundings): string | undefined {
  const isAlike = (address: string, reach: Reach) =>
    addressFamily(address) === addressFamily(advertised) && reachOf(address) === reach;
  const ownPublic = [...own].find((address) => isAlike(address, 'internet'));
  if (ownPublic === undefined) return undefined;
  return `advertisedAddress "${advertised}" is not of this machine, which has the public address ${ownPublic} itself; see that it is forwarded here, or leave it out`;
}

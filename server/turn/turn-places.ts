// Where STUN and TURN listen: where the configuration says, or beside SIP as far as the ports are free.
import { type Endpoint, formatEndpoint, type Log } from '../../core/index.ts';
import {
  type AlternateEndpoints,
  STUN_PORT,
  STUNS_PORT,
  type TurnListen,
  type TurnTransport,
} from '../../nat/index.ts';
import type { Configuration } from '../config/index.ts';
import { discoveryPlaces } from './discovery-places.ts';
import { type FreePlaceOptions, faultOf } from './free-place.ts';

export type TurnSettings = Exclude<Configuration['turn'], 'off'>;

export interface TurnPlacesOptions extends FreePlaceOptions {
  readonly settings: TurnSettings;
  /** Where who may be anywhere reaches this server, as configured. */
  readonly advertised: readonly string[];
}

export interface TurnPlaces {
  readonly listen: Required<TurnListen>;
  /** By which NATs can be found out about, whole. */
  readonly alternates: readonly AlternateEndpoints[];
}

const DEFAULT_PORTS: Readonly<Record<TurnTransport, number>> = {
  udp: STUN_PORT,
  tcp: STUN_PORT,
  tls: STUNS_PORT,
};

/** What is configured is taken as it is, free or not; defaults that are not free are left out, and the log says so. */
export async function turnPlaces(options: TurnPlacesOptions): Promise<TurnPlaces> {
  const { settings } = options;
  const { udp, alternates } = await discoveryPlaces(
    settings.udp ?? (await defaults('udp', options)),
    options,
  );
  const tcp = settings.tcp ?? (await defaults('tcp', options));
  const tls = settings.tls ?? (settings.certificate === undefined ? [] : await defaults('tls', options));
  return { listen: { udp, tcp, tls }, alternates };
}

async function defaults(transport: TurnTransport, options: TurnPlacesOptions): Promise<readonly Endpoint[]> {
  const addresses = [...new Map(options.sip.map((endpoint) => [endpoint.address, endpoint])).values()];
  const found: Endpoint[] = [];
  for (const { address, port } of addresses) {
    // Where SIP takes any port, so do we: whoever asks for that runs several servers.
    const place = { address, port: port === 0 ? 0 : DEFAULT_PORTS[transport] };
    const code = await faultOf(place, options, transport);
    if (code === undefined) found.push(place);
    // A machine without IPv6 goes without, as SIP does.
    else if (code === 'EADDRINUSE' || code === 'EACCES') warn(options.log, transport, place);
  }
  return found;
}

function warn(log: Log, transport: TurnTransport, place: Endpoint): void {
  log.warn(
    { transport, place: formatEndpoint(place) },
    `TURN goes without a port that another program has: stop it, or choose others with --turn-udp and --turn-tcp, or "off"`,
  );
}

// Where STUN and TURN listen: where the configuration says, or beside SIP as far as the ports are free.
import { codeOf, type Endpoint, formatEndpoint, type Log, type Network } from '../../core/index.ts';
import { STUN_PORT, STUNS_PORT, type TurnListen, type TurnTransport } from '../../nat/index.ts';
import type { Configuration } from '../config/index.ts';

export type TurnSettings = Exclude<Configuration['turn'], 'off'>;

export interface TurnPlacesOptions {
  readonly network: Network;
  readonly log: Log;
  readonly settings: TurnSettings;
  /** Where SIP listens. */
  readonly sip: readonly Endpoint[];
}

const DEFAULT_PORTS: Readonly<Record<TurnTransport, number>> = {
  udp: STUN_PORT,
  tcp: STUN_PORT,
  tls: STUNS_PORT,
};

/** What is configured is taken as it is, free or not; defaults that are not free are left out, and the log says so. */
export async function turnPlaces(options: TurnPlacesOptions): Promise<Required<TurnListen>> {
  const { settings } = options;
  return {
    udp: settings.udp ?? (await defaults('udp', options)),
    tcp: settings.tcp ?? (await defaults('tcp', options)),
    tls: settings.tls ?? (settings.certificate === undefined ? [] : await defaults('tls', options)),
  };
}

async function defaults(
  transport: TurnTransport,
  { sip, network, log }: TurnPlacesOptions,
): Promise<readonly Endpoint[]> {
  const addresses = [...new Map(sip.map((endpoint) => [endpoint.address, endpoint])).values()];
  const found: Endpoint[] = [];
  for (const { address, port } of addresses) {
    // Where SIP takes any port, so do we: whoever asks for that runs several servers.
    const place = { address, port: port === 0 ? 0 : DEFAULT_PORTS[transport] };
    const code = await faultOf(network, transport, place);
    if (code === undefined) found.push(place);
    // A machine without IPv6 goes without, as SIP does.
    else if (code === 'EADDRINUSE' || code === 'EACCES') warn(log, transport, place);
  }
  return found;
}

function warn(log: Log, transport: TurnTransport, place: Endpoint): void {
  log.warn(
    { transport, place: formatEndpoint(place) },
    `TURN goes without a port that another program has: stop it, or choose others with --turn-udp and --turn-tcp, or "off"`,
  );
}

/** @returns the code of what goes wrong when it is listened there */
async function faultOf(
  network: Network,
  transport: TurnTransport,
  place: Endpoint,
): Promise<string | undefined> {
  try {
    (transport === 'udp' ? await network.bindUdp(place) : await network.listenTcp(place)).close();
    return undefined;
  } catch (error) {
    return codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined) ?? 'unknown';
  }
}

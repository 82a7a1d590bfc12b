// Whether a place can be listened on, asked by trying it.
import { codeOf, type Endpoint, type Log, type Network } from '../../core/index.ts';
import type { TurnTransport } from '../../nat/index.ts';

export interface FreePlaceOptions {
  readonly network: Network;
  readonly log: Log;
  /** Where SIP will listen: nobody else may. */
  readonly sip: readonly Endpoint[];
}

/** @returns the system's code of what is in the way, if anything is */
export async function faultOf(
  place: Endpoint,
  { network, sip }: FreePlaceOptions,
  transport: TurnTransport = 'udp',
): Promise<string | undefined> {
  if (place.port !== 0 && sip.some(({ port }) => port === place.port)) return 'EADDRINUSE';
  try {
    (transport === 'udp' ? await network.bindUdp(place) : await network.listenTcp(place)).close();
    return undefined;
  } catch (error) {
    return codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined) ?? 'unknown';
  }
}

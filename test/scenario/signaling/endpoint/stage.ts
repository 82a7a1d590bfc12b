// A peer and a server with an endpoint, in a world of their own.
import type { EndpointOptions, SipEndpoint } from '../../../../signaling/endpoint/index.ts';
import { type Host, scenario, type World } from '../../../support/index.ts';
import { openOn } from './endpoints.ts';

/** Address of the server. */
export const SERVER = '192.0.2.2';

/** Defines a scenario with that cast. */
export function play(
  name: string,
  scene: (stage: { world: World; peer: Host; server: SipEndpoint }) => Promise<void>,
  options?: Partial<EndpointOptions>,
): void {
  scenario(name, {}, async (world) => {
    const peer = world.host('peer', { addresses: ['192.0.2.1'] });
    const server = await world.complete(openOn(world.host('server', { addresses: [SERVER] }), options));
    await scene({ world, peer, server });
  });
}

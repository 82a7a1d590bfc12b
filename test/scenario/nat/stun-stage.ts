// STUN servers in the virtual world, and a host that asks them what is between.
import type { Endpoint } from '../../../core/index.ts';
import {
  type BehaviourReport,
  BehaviourResponder,
  type BehaviourResponderOptions,
  type DiscoverBehaviourOptions,
  discoverBehaviour,
  type ServerSocket,
} from '../../../nat/index.ts';
import type { Host, LinkOptions, NatOptions, World } from '../../support/index.ts';

export const ADDRESSES = ['198.51.100.1', '198.51.100.2'] as const;
export const PORTS = [3478, 3479] as const;
export const PRIMARY: Endpoint = { address: ADDRESSES[0], port: PORTS[0] };
const PLACES = [0, 1] as const;

export interface StunServerOptions extends Omit<BehaviourResponderOptions, 'random'> {
  /** It does not listen at the second port. */
  readonly hasOnePort?: boolean;
}

/** Answers at all four of its sockets, as far as `alternates` says; where it does not, each is a server of its own. */
export async function openStunServer(
  host: Host,
  { hasOnePort = false, ...options }: StunServerOptions = {},
): Promise<void> {
  const responder = new BehaviourResponder({ random: host.random, ...options });
  const nameOf = ({ address, port }: ServerSocket) => `${address} ${port}`;
  const isBoth = options.alternates !== undefined;
  const places = PLACES.flatMap((address) =>
    PLACES.slice(0, hasOnePort ? 1 : 2).map((port): ServerSocket => ({ address, port })),
  );
  const sockets = new Map(
    await Promise.all(
      places.map(async (place) => {
        const where = { address: ADDRESSES[place.address], port: PORTS[place.port] };
        return [nameOf(place), await host.network.bindUdp(where)] as const;
      }),
    ),
  );
  for (const place of places) {
    const socket = sockets.get(nameOf(place));
    if (!socket) continue;
    socket.onDatagram = (bytes, address, port) => {
      const asker = { source: { address, port }, ...(isBoth ? { socket: place } : {}) };
      const answer = responder.handleDatagram(host.clock.now(), bytes, asker);
      const from = isBoth && answer ? sockets.get(nameOf(answer.socket)) : socket;
      if (answer) from?.send(answer.bytes, answer.remote.address, answer.remote.port);
    };
  }
}

export interface Stage {
  readonly world: World;
  readonly client: Host;
}

/** A client, behind a NAT where one is given, and the server with two addresses. */
export async function openStage(
  world: World,
  { nat, link, server = { alternates: { addresses: ADDRESSES, ports: PORTS } } }: StageOptions,
): Promise<Stage> {
  const behind = nat ? world.nat('nat', { externalAddress: '203.0.113.9', ...nat }) : undefined;
  const client = world.host('client', {
    addresses: [behind ? '192.168.1.2' : '203.0.113.50'],
    ...(behind ? { behind } : {}),
  });
  const host = world.host('stun', { addresses: [...ADDRESSES] });
  world.link('client', 'stun', { delayMs: 20, ...link });
  if (server) await openStunServer(host, server);
  return { world, client };
}

export interface StageOptions {
  /** Not given: no NAT. */
  readonly nat?: Partial<NatOptions>;
  /** What else is wrong with the way, beside its 20 ms. */
  readonly link?: LinkOptions;
  /** Null: nobody answers. Default: a server with two addresses. */
  readonly server?: StunServerOptions | null;
}

export function discover(
  { world, client }: Stage,
  options: Partial<DiscoverBehaviourOptions> = {},
  limitMs = 60_000,
): Promise<BehaviourReport> {
  const asked = discoverBehaviour(client, { servers: [PRIMARY], ...options });
  return world.complete(asked, { limitMs, what: 'the NAT is known' });
}

// Who is asked as what our sockets are seen.
import type { IcePathOptions } from './types.ts';

/** More tell nothing more. */
const MAX_STUN_SERVERS = 3;

/** Every TURN server answers STUN on the same port (RFC 8656 §3): after those that are named for it, they are asked too. */
export function stunServersOf({
  stunServers = [],
  turnServers = [],
}: IcePathOptions): readonly { readonly host: string; readonly port: number }[] {
  const servers = [...stunServers, ...turnServers.filter(({ transport }) => transport === 'udp')];
  const unique = new Map(servers.map(({ host, port }) => [`${host} ${port}`, { host, port }]));
  return [...unique.values()].slice(0, MAX_STUN_SERVERS);
}

// Whom a call asks for addresses outside of its NAT, and for relays.
import { addressScope } from '../core/index.ts';
import { STUN_PORT, type TurnService } from '../nat/index.ts';
import { parseServer } from './account.ts';
import type { SoftphoneOptions } from './options.ts';

/** A STUN server: a name or a numeric address. */
export interface StunServer {
  readonly host: string;
  readonly port: number;
}

export interface IceServers {
  readonly stunServers: readonly StunServer[];
  readonly turnServers: readonly TurnService[];
  /** How long a call waits for them at most: an INVITE, or an answer that nobody prepared for while it rang. */
  readonly gatherLimitMs: number;
}

/** Twice asked, the second time after 500 ms (RFC 8489 §6.2.1), and answered. */
const GATHER_LIMIT_MS = 700;
/** For a server of which nobody knows whether it speaks STUN. */
const GUESS_LIMIT_MS = 300;

export interface IceServerFacts {
  readonly options: SoftphoneOptions;
  /** What the registrar gave (header Turn-Server). */
  readonly registered: readonly TurnService[];
  /** Numeric address of ours, toward the far end or the server. */
  readonly address: string;
  /** Numeric address of the server, where calls go through one. */
  readonly server: string | undefined;
}

/**
 * Servers that a person names are asked in any case; those of the registrar where our address may be behind a NAT; and
 * where there is none of either, the registrar itself, whether it gives an answer or not.
 */
export function iceServersFor(facts: IceServerFacts): IceServers {
  const { options, registered, address } = facts;
  const isInside = usesServers(options, address);
  const turnServers = [...(options.turnServers ?? []), ...(isInside ? registered : [])];
  const named = options.stunServer ? [options.stunServer] : [];
  const known = [...named, ...turnServers.filter(({ transport }) => transport === 'udp')];
  const stunServers = unique(known.map(({ host, port }) => ({ host, port })));
  if (known.length > 0 || turnServers.length > 0 || !isInside)
    return { stunServers, turnServers, gatherLimitMs: GATHER_LIMIT_MS };
  return { stunServers: guessed(facts), turnServers, gatherLimitMs: GUESS_LIMIT_MS };
}

/** Whether it takes a server to be reached, as far as one can tell. @param address - numeric, of ours */
export function usesServers({ ice }: Pick<SoftphoneOptions, 'ice'>, address: string): boolean {
  return isPrivate(address) || ice === 'relay';
}

/** A server of our own sort answers there; one that is itself inside has no address outside to tell. */
function guessed({ options, server }: IceServerFacts): readonly StunServer[] {
  if (!options.account || server === undefined || isPrivate(server)) return [];
  if (addressScope(server) === 'loopback') return [];
  return [{ host: parseServer(options.account.server).host, port: STUN_PORT }];
}

/** RFC 1918, RFC 6598: what a NAT has on its inside. @param address - numeric */
export function isPrivate(address: string): boolean {
  const scope = addressScope(address);
  return !address.includes(':') && (scope === 'private' || scope === 'shared');
}

function unique(servers: readonly StunServer[]): readonly StunServer[] {
  const keys = servers.map(({ host, port }) => `${host} ${port}`);
  return servers.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}

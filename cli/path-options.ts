// Options of the phone commands that say how sound finds its way: ICE, STUN, TURN.
import { type Command, InvalidArgumentError } from 'commander';
import { DecodeError, parseHostPort, UsageError } from '../core/index.ts';
import { parseTurnUri, STUN_PORT, type TurnService } from '../nat/index.ts';
import type { IceUse, SoftphoneOptions, StunServer } from '../softphone/index.ts';

/** What commander makes of them. */
export interface PathFlags {
  readonly ice: IceUse;
  readonly stun?: StunServer;
  readonly turn?: string;
  readonly turnUser?: string;
  readonly turnPassword?: string;
}

const ICE_USES: readonly IceUse[] = ['auto', 'off', 'relay'];

export function addPathOptions(command: Command): Command {
  return command
    .option(
      '--ice <auto|off|relay>',
      'direct paths between phones (RFC 8445); relay hides our address from the far end; encrypted calls and files go with auto alone',
      iceUse,
      'auto',
    )
    .option(
      '--stun <host[:port]>',
      'STUN server that tells our address outside of a NAT (PATCHCORD_STUN); that of --server where not given',
      stunServer,
    )
    .option(
      '--turn <uri>',
      'relay, such as turn:192.0.2.1:3478?transport=udp (PATCHCORD_TURN), besides those that --server gives',
    )
    .option('--turn-user <name>', 'user name there (PATCHCORD_TURN_USER)')
    .option('--turn-password <password>', 'better PATCHCORD_TURN_PASSWORD: others see command lines');
}

/** Flags before environment. @throws UsageError */
export function pathOptionsOf(
  flags: PathFlags,
  env: NodeJS.ProcessEnv = process.env,
): Pick<SoftphoneOptions, 'ice' | 'stunServer' | 'turnServers'> {
  const stun = flags.stun ?? stunFrom(env.PATCHCORD_STUN);
  const turn = turnFrom(flags, env);
  return {
    ice: flags.ice,
    ...(stun ? { stunServer: stun } : {}),
    ...(turn ? { turnServers: [turn] } : {}),
  };
}

function stunFrom(text: string | undefined): StunServer | undefined {
  if (!text) return undefined;
  const server = parseStun(text);
  if (!server) throw new UsageError(`PATCHCORD_STUN "${text}" is not host or host:port`);
  return server;
}

function turnFrom(flags: PathFlags, env: NodeJS.ProcessEnv): TurnService | undefined {
  const uri = flags.turn ?? env.PATCHCORD_TURN;
  if (!uri) return undefined;
  const server = parseTurnUri(uri);
  if (server instanceof DecodeError)
    throw new UsageError(`--turn "${uri}" is no TURN server that we can use; write turn:HOST[:PORT]`);
  const username = flags.turnUser ?? env.PATCHCORD_TURN_USER;
  const password = flags.turnPassword ?? env.PATCHCORD_TURN_PASSWORD;
  if (!username || password === undefined)
    throw new UsageError('--turn needs --turn-user and PATCHCORD_TURN_PASSWORD (or --turn-password)');
  return { ...server, credentials: { username, password } };
}

function iceUse(text: string): IceUse {
  const found = ICE_USES.find((use) => use === text);
  if (!found) throw new InvalidArgumentError(`It should be one of ${ICE_USES.join(', ')}.`);
  return found;
}

function stunServer(text: string): StunServer {
  const server = parseStun(text);
  if (!server) throw new InvalidArgumentError('It should be host or host:port.');
  return server;
}

/** @returns undefined where the text is not host or host:port, with `stun:` before it or without */
export function parseStun(text: string): StunServer | undefined {
  const parsed = parseHostPort(text.replace(/^stun:/i, ''));
  return parsed && parsed.port !== 0 ? { host: parsed.host, port: parsed.port ?? STUN_PORT } : undefined;
}

// Whom "patchcord nat" asks: the servers of the command line, or those of the environment.
import { addressFamily, type Endpoint, OperationError, type Runtime, UsageError } from '../core/index.ts';
import { STUN_PORT } from '../nat/index.ts';
import type { StunServer } from '../softphone/index.ts';
import { parseStun } from './path-options.ts';

const SIP_PORT = 5060;

/** @throws UsageError where one is no server, or there is none */
export function natServersOf(
  texts: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): readonly StunServer[] {
  if (texts.length > 0) return texts.map((text) => serverOf(text, 'SERVER'));
  if (env.PATCHCORD_STUN) return [serverOf(env.PATCHCORD_STUN, 'PATCHCORD_STUN')];
  if (env.PATCHCORD_SERVER) return serversOfAccount(env.PATCHCORD_SERVER);
  throw new UsageError(
    'SERVER is missing: name a STUN server, such as "patchcord nat stun.example.org", or set PATCHCORD_SERVER',
  );
}

function serverOf(text: string, place: string): StunServer {
  const server = parseStun(text);
  if (!server) throw new UsageError(`${place} "${text}" is not host or host:port`);
  return server;
}

/** A Patchcord server answers on the port of STUN, and may on its SIP port: a second port says more than one. */
function serversOfAccount(text: string): readonly StunServer[] {
  const { host, port } = serverOf(text.replace(/^sips?:/, ''), 'PATCHCORD_SERVER');
  return [
    { host, port: STUN_PORT },
    { host, port: port === STUN_PORT ? SIP_PORT : port },
  ];
}

/**
 * Numeric addresses of one family: that of the first server, IPv4 where it has both, since NATs are there.
 *
 * @param say - takes a line on each server that cannot be asked beside the first
 */
export async function resolveServers(
  runtime: Runtime,
  servers: readonly StunServer[],
  say: (line: string) => void = () => {},
): Promise<readonly [Endpoint, ...Endpoint[]]> {
  const endpoints: Endpoint[] = [];
  for (const { host, port } of servers) {
    const family = endpoints[0] && addressFamily(endpoints[0].address);
    const addresses = await addressesOf(runtime, host);
    const address = addresses.find((one) => family === undefined || addressFamily(one) === family);
    if (address !== undefined) endpoints.push({ address, port });
    else if (family !== undefined) say(leftOutText(host, family, addresses.length === 0));
  }
  const [first, ...others] = endpoints;
  if (first) return [first, ...others];
  const names = servers.map(({ host }) => `"${host}"`).join(' and ');
  throw new OperationError(
    'NAT_NO_ADDRESS',
    `${names} has no address; check the name, and that DNS works here`,
  );
}

function leftOutText(host: string, family: 4 | 6, isUnknown: boolean): string {
  const why = isUnknown ? 'it has no address' : `it has no address of IPv${family}, over which the first is`;
  return `"${host}" is not asked: ${why}; name a server that has one`;
}

async function addressesOf(runtime: Runtime, host: string): Promise<readonly string[]> {
  if (addressFamily(host)) return [host];
  // Whatever is wrong with DNS, the mend is the same.
  return runtime.network.resolveHost(host).catch(() => []);
}

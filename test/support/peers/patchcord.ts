// Our own programs as their users run them: the built command line, in processes of their own.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Endpoint, formatEndpoint } from '../../../core/index.ts';
import { type CallRecord, SqliteStore } from '../../../server/index.ts';
import type { CallReport } from '../../../softphone/index.ts';
import { findFreePorts } from './free-port.ts';
import { PeerProcess, type PeerProcessOptions, type ProgramPlace } from './peer-process.ts';
import { makeTempFolder } from './temp-folder.ts';
import { waitForSip } from './wait-for-sip.ts';

/** The executable: the build of this tree, unless a bench has built another. */
const MAIN = process.env.PATCHCORD_MAIN ?? join(process.cwd(), 'dist', 'cli', 'main.js');

/** Runs `patchcord` with these arguments. */
export function runPatchcord(
  args: readonly string[],
  options: Pick<PeerProcessOptions, 'cpus' | 'within'> = {},
): PeerProcess {
  const { cpus, within } = options;
  return new PeerProcess({
    command: process.execPath,
    args: [MAIN, ...args],
    ...(cpus === undefined ? {} : { cpus }),
    ...(within === undefined ? {} : { within }),
  });
}

export interface ServerOptions {
  /** Name to password. */
  readonly users: Readonly<Record<string, string>>;
  /** More of patchcord.yaml, as JSON values by their top-level name. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** UDP ports for sound: four a call. */
  readonly mediaPorts?: number;
  /** Address of this machine that phones are told to send sound to, where something relays it to the media ports. */
  readonly advertisedAddress?: string;
  /** Numeric address that it listens on, and phones reach it at. Default {@link LOOPBACK}. */
  readonly address?: string;
  /** More addresses that it listens on, at the same port. */
  readonly otherAddresses?: readonly string[];
  /** SIP port; a free one where not given. */
  readonly port?: number;
  /** Where it runs, if not here; `port` has to be given then. */
  readonly within?: ProgramPlace;
  readonly cpus?: string;
}

const LOOPBACK = '127.0.0.1';
const START_TRIES = 3;

/** Starts `patchcord serve` with a configuration and data folder of its own, and waits until SIP is answered. */
export async function startPatchcordServer(options: ServerOptions): Promise<PatchcordServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await tryToStart(options);
    } catch (error) {
      // Another program on this machine may take a port between our look and the server's.
      if (tries === START_TRIES || !String(error).includes('EADDRINUSE')) throw error;
    }
  }
}

async function tryToStart(options: ServerOptions): Promise<PatchcordServer> {
  const folder = makeTempFolder('server');
  const endpoint = { address: options.address ?? LOOPBACK, port: options.port ?? (await findFreePorts(2)) };
  const mediaPorts = options.mediaPorts ?? 200;
  const firstMediaPort = await findFreePorts(mediaPorts);
  const ports = `${firstMediaPort}-${firstMediaPort + mediaPorts - 1}`;
  const file = join(folder.path, 'patchcord.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configurationOf(options, { folder: folder.path, endpoint, ports })));
  const child = runPatchcord(['serve', '--config', file], options);
  const server = new PatchcordServer(child, { endpoint, folder, mediaPorts: ports });
  try {
    // Where we cannot ask it, it says so itself.
    if (options.within) await child.waitForLog(/^Patchcord listens on /m);
    else await waitForSip(endpoint, () => child.exit !== undefined);
  } catch (error) {
    const { log } = child;
    await server.stop();
    throw new Error(`patchcord serve does not answer\n${log}`, { cause: error });
  }
  return server;
}

function configurationOf(
  options: ServerOptions,
  place: { readonly folder: string; readonly endpoint: Endpoint; readonly ports: string },
): Readonly<Record<string, unknown>> {
  const users = Object.entries(options.users).map(([name, password]) => [name, { password }]);
  return {
    dataFolder: join(place.folder, 'data'),
    ...listeningOf(options, place.endpoint),
    media: { ports: place.ports, workers: 1 },
    // sipp 3.6 and baresip 1.0 know MD5 alone, and give up where they are offered more.
    digest: ['MD5'],
    users: Object.fromEntries(users),
    ...options.configuration,
  };
}

/** What is advertised stands in our Contact, too: so SIP is heard there as well. */
function listeningOf(options: ServerOptions, endpoint: Endpoint): Readonly<Record<string, unknown>> {
  const { advertisedAddress, otherAddresses = [] } = options;
  const at = (address: string) => formatEndpoint({ ...endpoint, address });
  const own = [endpoint.address, ...otherAddresses].map(at);
  if (advertisedAddress === undefined) return { sip: { udp: own, tcp: own } };
  // Both: an INVITE that offers candidates is over 1,300 bytes, and goes by TCP (RFC 3261 §18.1.1).
  const all = [...own, at(advertisedAddress)];
  return { advertisedAddress, sip: { udp: all, tcp: all } };
}

export class PatchcordServer {
  readonly #child: PeerProcess;
  readonly #folder: { readonly path: string; remove(): void };
  /** Where phones reach it. */
  readonly endpoint: Endpoint;
  /** `first-last`. */
  readonly mediaPorts: string;

  constructor(
    child: PeerProcess,
    place: { endpoint: Endpoint; mediaPorts: string; folder: { path: string; remove(): void } },
  ) {
    this.#child = child;
    this.#folder = place.folder;
    this.endpoint = place.endpoint;
    this.mediaPorts = place.mediaPorts;
  }

  get port(): number {
    return this.endpoint.port;
  }

  /** `127.0.0.1:5060`, `[::1]:5060`. */
  get address(): string {
    return formatEndpoint(this.endpoint);
  }

  get dataFolder(): string {
    return join(this.#folder.path, 'data');
  }

  get pid(): number {
    return this.#child.pid;
  }

  get process(): PeerProcess {
    return this.#child;
  }

  /** Call records, the latest first. */
  records(limit = 100): readonly CallRecord[] {
    const store = SqliteStore.open({ dataFolder: this.dataFolder });
    try {
      return store.records(limit);
    } finally {
      store.close();
    }
  }

  /** Runs a phone command (`call`, `answer` …) as this user of the server: beside it, or within another place. */
  phone(command: string, options: PhoneOptions): PhoneRun {
    const { user, password, args = [], serverAddress = this.endpoint.address, within } = options;
    const server = formatEndpoint({ ...this.endpoint, address: serverAddress });
    const account = ['--server', server, '--user', user, '--password', password];
    const where = within ? [] : ['--local-address', serverAddress, '--local-port', '0'];
    // People use `phone`; it has no report for programs.
    const report = command === 'phone' ? [] : ['--json'];
    const line = [command, ...args, ...account, ...where, ...report];
    return new PhoneRun(runPatchcord(line, within ? { within } : {}));
  }

  async stop(): Promise<void> {
    await this.#child.stop();
    this.#folder.remove();
  }
}

export interface PhoneOptions {
  readonly user: string;
  readonly password: string;
  readonly args?: readonly string[];
  /** At which of its addresses the server is reached. */
  readonly serverAddress?: string;
  /** Where it runs, if not here. */
  readonly within?: ProgramPlace;
}

/** One run of a phone command. */
export class PhoneRun {
  readonly process: PeerProcess;

  constructor(process: PeerProcess) {
    this.process = process;
  }

  /** Waits for its end. @returns exit status and the reports that it printed, one a call */
  async result(timeoutMs = 30_000): Promise<{ status: number | null; reports: CallReport[] }> {
    try {
      const { code } = await this.process.waitForExit(timeoutMs);
      const lines = this.process.stdout.split('\n').filter((line) => line.startsWith('{'));
      // Cast: --json prints reports and nothing else.
      return { status: code, reports: lines.map((line) => JSON.parse(line) as CallReport) };
    } finally {
      await this.process.stop();
    }
  }
}

// Our own programs as their users run them: the built command line, in processes of their own.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CallRecord, SqliteStore } from '../../../server/index.ts';
import type { CallReport } from '../../../softphone/index.ts';
import { findFreePorts } from './free-port.ts';
import { PeerProcess } from './peer-process.ts';
import { makeTempFolder } from './temp-folder.ts';
import { waitForSip } from './wait-for-sip.ts';

/** The executable: the build of this tree, unless a bench has built another. */
const MAIN = process.env.PATCHCORD_MAIN ?? join(process.cwd(), 'dist', 'cli', 'main.js');

/** Runs `patchcord` with these arguments. */
export function runPatchcord(args: readonly string[], options: { readonly cpus?: string } = {}): PeerProcess {
  return new PeerProcess({ command: process.execPath, args: [MAIN, ...args], ...options });
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
  readonly cpus?: string;
}

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
  const port = await findFreePorts(2);
  const mediaPorts = options.mediaPorts ?? 200;
  const firstMediaPort = await findFreePorts(mediaPorts);
  const ports = `${firstMediaPort}-${firstMediaPort + mediaPorts - 1}`;
  const file = join(folder.path, 'patchcord.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configurationOf(options, { folder: folder.path, port, ports })));
  const child = runPatchcord(['serve', '--config', file], options);
  const server = new PatchcordServer(child, { port, folder, mediaPorts: ports });
  try {
    await waitForSip(port, () => child.exit !== undefined);
  } catch (error) {
    const { log } = child;
    await server.stop();
    throw new Error(`patchcord serve does not answer\n${log}`, { cause: error });
  }
  return server;
}

function configurationOf(
  options: ServerOptions,
  place: { readonly folder: string; readonly port: number; readonly ports: string },
): Readonly<Record<string, unknown>> {
  const users = Object.entries(options.users).map(([name, password]) => [name, { password }]);
  return {
    dataFolder: join(place.folder, 'data'),
    ...listeningOf(options, place.port),
    media: { ports: place.ports, workers: 1 },
    // sipp 3.6 and baresip 1.0 know MD5 alone, and give up where they are offered more.
    digest: ['MD5'],
    users: Object.fromEntries(users),
    ...options.configuration,
  };
}

/** What is advertised stands in our Contact, too: so SIP is heard there as well. */
function listeningOf({ advertisedAddress }: ServerOptions, port: number): Readonly<Record<string, unknown>> {
  const own = `127.0.0.1:${port}`;
  if (advertisedAddress === undefined) return { sip: { udp: own, tcp: own } };
  return { advertisedAddress, sip: { udp: [own, `${advertisedAddress}:${port}`], tcp: own } };
}

export class PatchcordServer {
  readonly #child: PeerProcess;
  readonly #folder: { readonly path: string; remove(): void };
  readonly port: number;
  /** `first-last`. */
  readonly mediaPorts: string;

  constructor(
    child: PeerProcess,
    place: { port: number; mediaPorts: string; folder: { path: string; remove(): void } },
  ) {
    this.#child = child;
    this.#folder = place.folder;
    this.port = place.port;
    this.mediaPorts = place.mediaPorts;
  }

  /** `127.0.0.1:port`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
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

  /** Runs a phone command (`call`, `answer` …) as this user of the server. */
  phone(command: string, options: { user: string; password: string; args?: readonly string[] }): PhoneRun {
    const { user, password, args = [] } = options;
    const account = ['--server', this.address, '--user', user, '--password', password];
    const where = ['--local-address', '127.0.0.1', '--local-port', '0'];
    // People use `phone`; it has no report for programs.
    const report = command === 'phone' ? [] : ['--json'];
    return new PhoneRun(runPatchcord([command, ...args, ...account, ...where, ...report]));
  }

  async stop(): Promise<void> {
    await this.#child.stop();
    this.#folder.remove();
  }
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

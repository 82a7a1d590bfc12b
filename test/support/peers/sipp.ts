// sipp with scenarios of ours: users from a table, sound from a file, counts from its statistics.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePorts } from './free-port.ts';
import { PeerProcess } from './peer-process.ts';
import { peerPath } from './require-peer.ts';
import { type DuringCall, streamSound } from './sipp-during-call.ts';
import { makeTempFolder } from './temp-folder.ts';

export type SippScenario = 'register' | 'uac' | 'uas';

export interface SippOptions {
  readonly scenario: SippScenario;
  /** `host:port` of the other side; a scenario that answers has none. */
  readonly remote?: string;
  /** Calls (or registrations) to make before it ends. */
  readonly calls: number;
  /** New calls a second. */
  readonly rate?: number;
  /** Calls at the same time. */
  readonly limit?: number;
  /** What the caller does in a call; {@link streamSound} where not given. */
  readonly duringCall?: DuringCall;
  /** How long a call lasts. */
  readonly durationMs?: number;
  /** Rows of the scenario's fields, taken in turn. */
  readonly users?: readonly (readonly string[])[];
  readonly port?: number;
  readonly transport?: 'udp' | 'tcp';
  readonly cpus?: string;
}

/** What sipp counted at its end. */
export interface SippResult {
  readonly exitCode: number | null;
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** The start of its error log (what it did not expect), or its last words where it counted nothing. */
  readonly errors: string;
}

const SCENARIOS = new URL('./sipp/', import.meta.url);
const MEDIA_PORTS = 3000;
const PCMU_SILENCE = 0xff;
// Loud enough to be told from silence in a counter of bytes or a recording; eight seconds of 8 kHz.
const SOUND_BYTES = 64_000;

/** `[authentication …]`, as the scenarios want it in their second field. */
export function sippCredentials(username: string, password: string): string {
  return `[authentication username=${username} password=${password}]`;
}

/** Starts sipp; its end is awaited with {@link SippRun.result}. */
export async function startSipp(options: SippOptions): Promise<SippRun> {
  const folder = makeTempFolder('sipp');
  const port = options.port ?? (await findFreePorts(2));
  const scenario = join(folder.path, `${options.scenario}.xml`);
  const sound = join(folder.path, 'sound.ul');
  writeFileSync(sound, Buffer.alloc(SOUND_BYTES, PCMU_SILENCE));
  const text = readFileSync(new URL(`${options.scenario}.xml`, SCENARIOS), 'utf8');
  const { xml, mediaLines } = options.duringCall ?? streamSound(sound);
  writeFileSync(scenario, text.replaceAll('MEDIA_LINES', mediaLines).replaceAll('<!-- DURING_CALL -->', xml));
  const mediaPort = options.scenario === 'uac' ? await mediaPortsFor(options) : await findFreePorts(4);
  const args = [
    ...(options.remote === undefined ? [] : [options.remote]),
    ...['-sf', scenario, '-i', '127.0.0.1', '-p', String(port), '-m', String(options.calls)],
    ...['-mi', '127.0.0.1', '-mp', String(mediaPort)],
    ...(options.scenario === 'uas' ? ['-rtp_echo'] : []),
    ...['-t', options.transport === 'tcp' ? 't1' : 'u1', '-nostdin', '-trace_err', '-trace_stat'],
    ...['-r', String(options.rate ?? 10), '-l', String(options.limit ?? options.calls)],
    ...['-d', String(options.durationMs ?? 1000), '-buff_size', '4000000', '-fd', '1'],
    ...usersArgs(folder.path, options.users),
    ...authUriArgs(options),
  ];
  const child = new PeerProcess({
    command: peerPath('sipp'),
    args,
    workingFolder: folder.path,
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
  });
  return new SippRun(child, { folder: folder.path, port, mediaPort, remove: folder.remove });
}

/** One run of sipp. */
export class SippRun {
  readonly #child: PeerProcess;
  readonly #folder: string;
  readonly #remove: () => void;
  readonly port: number;
  /** First and last port of the sound of one call. */
  readonly mediaPorts: readonly [first: number, last: number];

  constructor(
    child: PeerProcess,
    place: { folder: string; port: number; mediaPort: number; remove: () => void },
  ) {
    this.#child = child;
    this.#folder = place.folder;
    this.#remove = place.remove;
    this.port = place.port;
    this.mediaPorts = [place.mediaPort, place.mediaPort + 3];
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Waits until it has made its calls. @throws Error with its last words where it takes longer */
  async result(timeoutMs = 60_000): Promise<SippResult> {
    try {
      const exit = await this.#child.waitForExit(timeoutMs);
      return this.#read(exit.code);
    } finally {
      await this.stop();
    }
  }

  async stop(): Promise<void> {
    await this.#child.stop('SIGKILL');
    this.#remove();
  }

  #read(exitCode: number | null): SippResult {
    const names = readdirSync(this.#folder);
    const read = (name: string | undefined) =>
      name === undefined ? '' : readFileSync(join(this.#folder, name), 'utf8');
    const rows = read(names.find((name) => name.endsWith('_.csv')))
      .trim()
      .split('\n');
    const titles = rows[0]?.split(';') ?? [];
    const last = rows.at(-1)?.split(';') ?? [];
    const count = (title: string) => Number(last[titles.indexOf(title)] ?? Number.NaN);
    const errors = read(names.find((name) => name.endsWith('_errors.log'))).slice(0, 4000);
    const successful = count('SuccessfulCall(C)');
    return {
      exitCode,
      successful,
      failed: count('FailedCall(C)'),
      retransmissions: count('Retransmissions(C)'),
      errors: errors === '' && Number.isNaN(successful) ? this.#child.log.slice(-4000) : errors,
    };
  }
}

function mediaPortsFor(options: SippOptions): Promise<number> {
  // Each stream takes an even and an odd port for audio, and as many for a video that we do not send.
  return findFreePorts(Math.min(MEDIA_PORTS, 4 * (options.limit ?? options.calls) + 4));
}

/** By itself sipp proves its password for the server's address, not for the one that it calls. */
function authUriArgs({ scenario, remote, users }: SippOptions): readonly string[] {
  const callee = users?.[0]?.[2];
  return scenario === 'uac' && callee !== undefined ? ['-auth_uri', `${callee}@${remote}`] : [];
}

function usersArgs(folder: string, users: SippOptions['users']): readonly string[] {
  if (users === undefined) return [];
  const path = join(folder, 'users.csv');
  writeFileSync(path, `SEQUENTIAL\n${users.map((row) => `${row.join(';')}\n`).join('')}`);
  return ['-inf', path];
}

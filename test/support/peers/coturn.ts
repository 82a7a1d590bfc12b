// coturn's TURN server.
import { join } from 'node:path';
import { findFreePorts } from './free-port.ts';
import { PeerProcess } from './peer-process.ts';
import { peerPath } from './require-peer.ts';
import { makeTempFolder } from './temp-folder.ts';

export interface CoturnOptions {
  /** Passwords by username. */
  readonly users?: Readonly<Record<string, string>>;
  /** Time-limited credentials by this secret, instead of users. */
  readonly sharedSecret?: string;
  /** Default `patchcord.test`. */
  readonly realm?: string;
  /** PEM files for TLS; without them there is none. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  /** Where it listens and relays. Default 127.0.0.1, with loopback peers allowed. */
  readonly address?: string;
  readonly relayPorts?: readonly [first: number, last: number];
  /** Threads that relay; its own number by default. */
  readonly threads?: number;
  /** More options of its command line. */
  readonly args?: readonly string[];
  readonly cpus?: string;
}

export interface Coturn {
  readonly pid: number;
  readonly address: string;
  /** Of UDP and TCP. */
  readonly port: number;
  /** Of TLS, where a certificate was given. */
  readonly tlsPort: number;
  readonly realm: string;
  readonly log: string;
  stop(): Promise<void>;
}

const RELAY_PORTS = [49_152, 65_535] as const;
const READY = /Total General servers/;

/** Starts coturn's server on free ports, and resolves once it serves. */
export async function startCoturn(options: CoturnOptions = {}): Promise<Coturn> {
  const { address = '127.0.0.1', realm = 'patchcord.test' } = options;
  const port = await findFreePorts(2);
  const tlsPort = await findFreePorts(2);
  const folder = makeTempFolder('coturn');
  const child = new PeerProcess({
    command: peerPath('turnserver'),
    args: [
      ...['-n', '--no-cli', '--no-dtls', '--log-file=stdout', '--simple-log', '--allow-loopback-peers'],
      ...[`--pidfile=${join(folder.path, 'pid')}`, `--userdb=${join(folder.path, 'users')}`],
      ...[`--listening-ip=${address}`, `--relay-ip=${address}`, `--listening-port=${port}`],
      ...[`--realm=${realm}`, `--tls-listening-port=${tlsPort}`],
      ...portArguments(options.relayPorts ?? RELAY_PORTS),
      ...credentialArguments(options),
      ...(options.tls
        ? [`--cert=${options.tls.certificateFile}`, `--pkey=${options.tls.keyFile}`]
        : ['--no-tls']),
      ...(options.threads === undefined ? [] : [`--relay-threads=${options.threads}`]),
      ...(options.args ?? []),
    ],
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
  });
  const stop = async () => {
    await child.stop();
    folder.remove();
  };
  try {
    await child.waitForLog(READY);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: child.pid,
    ...{ address, port, tlsPort, realm, stop },
    get log() {
      return child.log;
    },
  };
}

function portArguments([first, last]: readonly [number, number]): readonly string[] {
  return [`--min-port=${first}`, `--max-port=${last}`];
}

function credentialArguments({ users = {}, sharedSecret }: CoturnOptions): readonly string[] {
  if (sharedSecret !== undefined) return ['--use-auth-secret', `--static-auth-secret=${sharedSecret}`];
  return ['--lt-cred-mech', ...Object.entries(users).map(([name, password]) => `--user=${name}:${password}`)];
}

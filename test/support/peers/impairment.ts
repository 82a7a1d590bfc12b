// What lies between a phone and our server made bad by `patchcord impair`.
import type { RelayCounts } from '../../../media/index.ts';
import { findFreePorts } from './free-port.ts';
import { type PatchcordServer, runPatchcord } from './patchcord.ts';
import type { PeerProcess } from './peer-process.ts';

/** Another address of the loopback interface: a server advertises it, and the relay of its sound listens there. */
export const IMPAIRED_ADDRESS = '127.0.0.2';

const OWN_ADDRESS = '127.0.0.1';

export interface ImpairmentOptions {
  /** As `patchcord impair` takes them: `['--loss', '10%']`. `back-` is what the phone gets. */
  readonly args: readonly string[];
  readonly seed: number;
}

export interface ImpairedSoundOptions extends ImpairmentOptions {
  /** The phone that is harmed: ports of 127.0.0.1 from which it sends sound. Others pass unharmed. */
  readonly phonePorts: readonly [first: number, last: number];
}

/** What became of the datagrams of a phone. */
export interface Fates {
  /** From the phone to the server. */
  readonly there: RelayCounts;
  /** From the server to the phone. */
  readonly back: RelayCounts;
}

/**
 * The sound of one phone.
 *
 * @param server - one that advertises {@link IMPAIRED_ADDRESS}
 */
export function impairSound(server: PatchcordServer, options: ImpairedSoundOptions): Promise<Impairment> {
  const { phonePorts, args, seed } = options;
  const [listen, to] = [IMPAIRED_ADDRESS, OWN_ADDRESS].map((address) => `${address}:${server.mediaPorts}`);
  const only = `${OWN_ADDRESS}:${phonePorts[0]}-${phonePorts[1]}`;
  return Impairment.start({ listen: listen ?? '', to: to ?? '', seed, args: ['--only', only, ...args] });
}

/** The signaling of the one phone whose server is at {@link Impairment.address}. */
export async function impairSignaling(
  server: PatchcordServer,
  options: ImpairmentOptions,
): Promise<Impairment> {
  const listen = `${OWN_ADDRESS}:${await findFreePorts(2)}`;
  return Impairment.start({ listen, to: server.address, ...options });
}

/** Whoever started it ends it. */
export class Impairment {
  /** `host:port` or `host:first-last`. */
  readonly address: string;
  readonly #child: PeerProcess;

  static async start(options: ImpairmentOptions & { listen: string; to: string }): Promise<Impairment> {
    const { listen, to, seed, args } = options;
    const child = runPatchcord([
      'impair',
      '--listen',
      listen,
      '--to',
      to,
      '--seed',
      `${seed}`,
      '--json',
      ...args,
    ]);
    await child.waitForLog(/"started"/);
    return new Impairment(child, listen);
  }

  private constructor(child: PeerProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  /** Ends it. @returns what became of the datagrams */
  async end(): Promise<Fates> {
    await this.#child.stop('SIGINT');
    // Cast: the last line of --json is what became of the datagrams.
    return JSON.parse(this.#child.stdout.trim().split('\n').at(-1) ?? '') as Fates;
  }

  /** Ends it, whatever happened; doing it twice is harmless. */
  async stop(): Promise<void> {
    await this.#child.stop();
  }
}

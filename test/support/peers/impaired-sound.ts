// The sound between one phone and our server made bad by `patchcord impair`; signaling, and other phones, unharmed.
import type { RelayCounts } from '../../../media/index.ts';
import { type PatchcordServer, runPatchcord } from './patchcord.ts';
import type { PeerProcess } from './peer-process.ts';

/** Another address of the loopback interface: the server advertises it, and the relay listens there. */
export const IMPAIRED_ADDRESS = '127.0.0.2';

const OWN_ADDRESS = '127.0.0.1';

export interface ImpairedSoundOptions {
  /** The phone that is harmed: ports of 127.0.0.1 from which it sends sound. */
  readonly phonePorts: readonly [first: number, last: number];
  /** As `patchcord impair` takes them: `['--loss', '10%']`. `back-` is what the phone hears. */
  readonly args: readonly string[];
  readonly seed: number;
}

/** What became of the sound of that phone. */
export interface SoundFates {
  /** From the phone to the server. */
  readonly there: RelayCounts;
  /** From the server to the phone. */
  readonly back: RelayCounts;
}

/** Where it runs, the phone's sound of every call passes it. */
export class ImpairedSound {
  readonly #child: PeerProcess;

  /** @param server - one that advertises {@link IMPAIRED_ADDRESS} */
  static async start(server: PatchcordServer, options: ImpairedSoundOptions): Promise<ImpairedSound> {
    const { phonePorts, args, seed } = options;
    const child = runPatchcord([
      'impair',
      ...[
        '--listen',
        `${IMPAIRED_ADDRESS}:${server.mediaPorts}`,
        '--to',
        `${OWN_ADDRESS}:${server.mediaPorts}`,
      ],
      ...['--only', `${OWN_ADDRESS}:${phonePorts[0]}-${phonePorts[1]}`, '--seed', String(seed), '--json'],
      ...args,
    ]);
    await child.waitForLog(/"started"/);
    return new ImpairedSound(child);
  }

  private constructor(child: PeerProcess) {
    this.#child = child;
  }

  /** Ends it. @returns what became of the sound */
  async end(): Promise<SoundFates> {
    await this.#child.stop('SIGINT');
    // Cast: the last line of --json is what became of the datagrams.
    return JSON.parse(this.#child.stdout.trim().split('\n').at(-1) ?? '') as SoundFates;
  }

  /** Ends it, whatever happened; doing it twice is harmless. */
  async stop(): Promise<void> {
    await this.#child.stop();
  }
}

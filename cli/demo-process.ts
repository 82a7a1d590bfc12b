// One of the demo's own processes: its lines as they come, and its end.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { OperationError } from '../core/index.ts';

export interface DemoProcessOptions {
  readonly name: string;
  /** Arguments of `patchcord`. */
  readonly args: readonly string[];
  /** Takes each line, of standard output or error, as it comes. */
  readonly onLine: (line: string, from: 'stdout' | 'stderr') => void;
  readonly environment?: Readonly<Record<string, string>>;
}

/** How long a process may take to end when it is asked to. */
const STOP_LIMIT_MS = 4000;

/** Runs `patchcord` with this very program. Whoever starts it stops it. */
export class DemoProcess {
  readonly name: string;
  /** Exit status; null where a signal ended it. */
  readonly exited: Promise<number | null>;
  readonly stdout: string[] = [];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<(line: string) => void>();

  constructor(options: DemoProcessOptions) {
    this.name = options.name;
    const program = process.argv[1] ?? '';
    this.#child = spawn(process.execPath, [...process.execArgv, program, ...options.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...withoutPatchcord(process.env), ...options.environment, NO_COLOR: '1' },
    });
    const read = (stream: Readable | null, from: 'stdout' | 'stderr') => {
      if (!stream) return;
      createInterface({ input: stream }).on('line', (line) => {
        if (from === 'stdout') this.stdout.push(line);
        options.onLine(line, from);
        for (const look of this.#waiting) look(line);
      });
    };
    read(this.#child.stdout, 'stdout');
    read(this.#child.stderr, 'stderr');
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (status) => resolve(status));
      this.#child.once('error', () => resolve(null));
    });
  }

  /** @throws OperationError where the process ends, or the time runs out, before such a line comes */
  async waitForLine(pattern: RegExp, limitMs: number): Promise<void> {
    let finish: (outcome: 'found' | 'late' | 'ended') => void = () => {};
    const outcome = new Promise<'found' | 'late' | 'ended'>((resolve) => {
      finish = resolve;
    });
    const look = (line: string) => {
      if (pattern.test(line)) finish('found');
    };
    const timer = setTimeout(() => finish('late'), limitMs);
    this.#waiting.add(look);
    void this.exited.then(() => finish('ended'));
    const result = await outcome;
    clearTimeout(timer);
    this.#waiting.delete(look);
    if (result === 'found') return;
    const what = result === 'late' ? `did not get so far within ${limitMs / 1000} s` : 'ended too early';
    throw new OperationError('DEMO_FAILED', `${this.name} ${what}; its lines above say why`);
  }

  /** Asks it to end, and after a while makes it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.exited;
    clearTimeout(timer);
  }
}

/** The demo must not depend on what the person has set for their own server. */
function withoutPatchcord(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PATCHCORD_')));
}

// A program in a process of its own on the measured core, asked over a pipe; it answers in the order of the requests.
import { type ChildProcess, spawn } from 'node:child_process';
import { SERVER_CPUS } from './cores.ts';

export class HostProcess<Request extends object, Answer extends object> {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  readonly #exited: Promise<void>;

  /** @param script - of this folder, compiled */
  constructor(script: string, args: readonly string[] = []) {
    const path = new URL(`./${script}`, import.meta.url).pathname;
    const node = [process.execPath, '--enable-source-maps', ...profiling(), path, ...args];
    const [command, ...rest] = SERVER_CPUS === undefined ? node : ['taskset', '-c', SERVER_CPUS, ...node];
    this.#child = spawn(command ?? process.execPath, rest, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    // Cast: the other end of this pipe is the script, which sends nothing else.
    this.#child.on('message', (answer) => this.#waiting.shift()?.resolve(answer as Answer));
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code) => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${script} ended with ${code}`));
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(request);
    });
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exited;
  }
}

/** `PATCHCORD_PROFILE=folder` writes what the measured program did there, for Chromium's DevTools. */
function profiling(): readonly string[] {
  const folder = process.env.PATCHCORD_PROFILE;
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}

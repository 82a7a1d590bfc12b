// Our media engine in a process of its own on the measured core, asked over a pipe.
import { type ChildProcess, spawn } from 'node:child_process';
import { SERVER_CPUS } from './cores.ts';
import type { Relay } from './relay-bench.ts';
import type { RelayHostAnswer, RelayHostRequest } from './relay-host.ts';
import type { RelayedCall } from './rtp-load.ts';

/** Starts `relay-host` and resolves once its engine is open. */
export async function startRelayHost(): Promise<RelayHost> {
  const script = new URL('./relay-host.js', import.meta.url).pathname;
  const node = [process.execPath, script];
  const [command, ...args] = SERVER_CPUS === undefined ? node : ['taskset', '-c', SERVER_CPUS, ...node];
  const child = spawn(command ?? process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const host = new RelayHost(child);
  await host.request({ kind: 'hello' });
  return host;
}

export class RelayHost implements Relay {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve(answer: RelayHostAnswer): void; reject(error: Error): void }[] = [];
  readonly #exited: Promise<void>;

  constructor(child: ChildProcess) {
    this.#child = child;
    // Cast: the other end of this pipe is relay-host.ts, which sends nothing else.
    child.on('message', (answer) => this.#waiting.shift()?.resolve(answer as RelayHostAnswer));
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the relay ended with ${code}`));
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Answers come in the order of the requests. */
  request(request: RelayHostRequest): Promise<RelayHostAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(request);
    });
  }

  async openCall(
    callId: string,
    parties: { readonly callerPort: number; readonly calleePort: number },
  ): Promise<RelayedCall> {
    const answer = await this.request({ kind: 'open', callId, ...parties });
    if (answer.kind !== 'opened') throw new Error(`the relay answered ${JSON.stringify(answer)}`);
    return answer;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exited;
  }
}

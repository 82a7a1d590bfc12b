// Our media engine in a process of its own on the measured core, asked over a pipe.
import { HostProcess } from './host-process.ts';
import type { Relay } from './relay-bench.ts';
import type { RelayHostAnswer, RelayHostRequest } from './relay-host.ts';
import type { RelayedCall } from './rtp-load.ts';

/** Starts `relay-host` and resolves once its engine is open. */
export async function startRelayHost(): Promise<RelayHost> {
  const host = new RelayHost();
  await host.request({ kind: 'hello' });
  return host;
}

export class RelayHost implements Relay {
  readonly #process = new HostProcess<RelayHostRequest, RelayHostAnswer>('relay-host.js');

  get pid(): number {
    return this.#process.pid;
  }

  request(request: RelayHostRequest): Promise<RelayHostAnswer> {
    return this.#process.ask(request);
  }

  async openCall(
    callId: string,
    parties: { readonly callerPort: number; readonly calleePort: number },
  ): Promise<RelayedCall> {
    const answer = await this.request({ kind: 'open', callId, ...parties });
    if (answer.kind !== 'opened') throw new Error(`the relay answered ${JSON.stringify(answer)}`);
    return answer;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

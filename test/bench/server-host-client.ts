// Starts `server-host` on the measured core, and asks it for its memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findFreePorts } from '../support/peers/free-port.ts';
import { makeTempFolder } from '../support/peers/temp-folder.ts';
import { CALLEE, CALLER, PASSWORD, SECOND_CALLEE } from './call-load.ts';
import { SERVER_CPUS } from './cores.ts';
import type { MemoryReading, ServerHostStart } from './server-host.ts';

export interface ServerHost {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** After a collection of garbage. */
  readMemory(): Promise<MemoryReading>;
  stop(): Promise<void>;
}

/** @param options.calls - calls at once for which there are ports */
export async function startServerHost(options: { calls: number; isInline: boolean }): Promise<ServerHost> {
  const folder = makeTempFolder('bench');
  const port = await findFreePorts(2);
  const mediaPorts = 4 * options.calls + 40;
  const firstMediaPort = await findFreePorts(mediaPorts);
  const start: ServerHostStart = {
    isInline: options.isInline,
    options: {
      dataFolder: join(folder.path, 'data'),
      sip: { udp: `127.0.0.1:${port}`, tcp: 'off' },
      media: { ports: `${firstMediaPort}-${firstMediaPort + mediaPorts - 1}`, workers: 1 },
      digest: ['MD5'],
      maxCalls: options.calls + 10,
      users: Object.fromEntries(
        [CALLER, CALLEE, SECOND_CALLEE].map((user) => [user, { password: PASSWORD }]),
      ),
    },
  };
  const child = spawnHost(start);
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => ['ended'])]);
  if (message !== 'ready') throw new Error('the server does not start');
  return {
    address: `127.0.0.1:${port}`,
    readMemory: async () => {
      child.send('measure');
      // Cast: server-host answers with nothing else.
      return (await once(child, 'message'))[0] as MemoryReading;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      folder.remove();
    },
  };
}

function spawnHost(start: ServerHostStart): ChildProcess {
  const script = new URL('./server-host.js', import.meta.url).pathname;
  const node = [process.execPath, '--expose-gc', script, JSON.stringify(start)];
  const [command, ...args] = SERVER_CPUS === undefined ? node : ['taskset', '-c', SERVER_CPUS, ...node];
  return spawn(command ?? process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

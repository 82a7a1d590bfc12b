// The demo's own server: a data folder of its own, free ports on this machine, two accounts.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Runtime, sleep } from '../core/index.ts';
import { createSoftphone } from '../softphone/index.ts';

export interface DemoAccount {
  readonly user: string;
  readonly password: string;
}

export interface DemoServerPlan {
  /** Arguments of `patchcord`. */
  readonly args: readonly string[];
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly alice: DemoAccount;
  readonly bob: DemoAccount;
  readonly dataFolder: string;
}

const HOST = '127.0.0.1';
const PING_LIMIT_MS = 250;

/** Finds a free port and writes the configuration. */
export async function planServer(runtime: Runtime, folder: string): Promise<DemoServerPlan> {
  const port = await freePort(runtime);
  const accounts = ['alice', 'bob'].map((user) => ({ user, password: runtime.random.token(20) }));
  const [alice, bob] = accounts;
  if (!alice || !bob) throw new Error('two accounts were just made');
  const dataFolder = join(folder, 'server');
  const configuration = join(folder, 'patchcord.yaml');
  const firstMediaPort = randomInt(200, 300) * 100;
  const lines = [
    `dataFolder: ${JSON.stringify(dataFolder)}`,
    'sip:',
    `  udp: "${HOST}:${port}"`,
    `  tcp: "${HOST}:${port}"`,
    'media:',
    `  ports: "${firstMediaPort}-${firstMediaPort + 199}"`,
    '  workers: 1',
    'users:',
    ...accounts.map(({ user, password }) => `  ${user}: { password: "${password}" }`),
  ];
  // Passwords stand in it, so nobody else reads it.
  writeFileSync(configuration, `${lines.join('\n')}\n`, { mode: 0o600 });
  return { args: ['serve', '--config', configuration], address: `${HOST}:${port}`, alice, bob, dataFolder };
}

/** A port that is free for UDP and TCP at this moment. */
async function freePort(runtime: Runtime): Promise<number> {
  for (;;) {
    const socket = await runtime.network.bindUdp({ address: HOST, port: 0 });
    const { port } = socket.local;
    socket.close();
    const listener = await runtime.network.listenTcp({ address: HOST, port }).catch(() => undefined);
    listener?.close();
    if (listener) return port;
  }
}

/** Waits until the server answers OPTIONS. @returns how long it took, or undefined where it never did */
export async function waitForServer(
  runtime: Runtime,
  options: { readonly address: string; readonly limitMs: number; readonly hasEnded: () => boolean },
): Promise<number | undefined> {
  const startedAt = runtime.clock.now();
  const phone = await createSoftphone({ runtime, localAddress: HOST, localPort: 0, codecs: [] });
  try {
    while (runtime.clock.now() - startedAt < options.limitMs && !options.hasEnded()) {
      const reply = await phone.ping(`sip:${options.address}`, { timeoutMs: PING_LIMIT_MS });
      if (reply.status !== null) return runtime.clock.now() - startedAt;
      await sleep(runtime, 50);
    }
    return undefined;
  } finally {
    await phone.close();
  }
}

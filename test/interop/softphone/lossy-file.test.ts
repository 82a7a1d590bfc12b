// A file over a path that loses one datagram in twenty: in a network of its own, which wants root.
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, createReadStream, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PatchcordServer, type PhoneRun, startPatchcordServer } from '../../support/peers/patchcord.ts';
import { makeTempFolder, type TempFolder } from '../../support/peers/temp-folder.ts';
import { missingLab } from '../nat-lab/missing-lab.ts';
import { NetworkNamespace } from '../nat-lab/namespace.ts';

/** Megabytes; a thousand take some minutes. */
const FILE_BYTES = Number(process.env.PATCHCORD_LOSSY_FILE_MB ?? 24) * 1_000_000;
/** Hardly any path is slower. */
const LEAST_BYTES_PER_SECOND = 400_000;
const LIMIT_MS = 60_000 + FILE_BYTES / (LEAST_BYTES_PER_SECOND / 1000);
const LOST_PERCENT = 5;
/** A phone alone has about half of it: the file must not be held, nor what is on the way grow. */
const MOST_RESIDENT_BYTES = 250_000_000;
const USERS = { alice: 'alice-secret', bob: 'bob-secret' };

const LOSS = `table inet loss { chain input { type filter hook input priority 0;
  udp dport != 5060 udp sport != 5060 numgen random mod 100 < ${LOST_PERCENT} counter drop; }; }\n`;

describe.skipIf(missingLab())('a file over a path that loses 5 %', () => {
  let space: NetworkNamespace;
  let server: PatchcordServer;
  let folder: TempFolder;
  const runs: PhoneRun[] = [];

  beforeAll(async () => {
    space = await NetworkNamespace.open('lossy');
    space.run('nft', ['-f', '-'], LOSS);
    folder = makeTempFolder('lossy');
    server = await startPatchcordServer({ users: USERS, port: 5060, within: space });
  });

  afterAll(async () => {
    await Promise.all(runs.map(({ process }) => process.stop()));
    await server?.stop();
    await space?.close();
    folder?.remove();
  });

  it('arrives whole though it is broken off at half, and in bounded memory', {
    timeout: LIMIT_MS,
  }, async () => {
    const [path, inbox] = [join(folder.path, 'big.bin'), join(folder.path, 'inbox')];
    writeRandom(path);
    mkdirSync(inbox);
    const bob = run('answer', 'bob', ['--accept-files', inbox, '--play', 'silence']);
    await bob.process.waitForLog(/registered as/);
    const first = run('send', 'alice', [path, 'bob']);
    const keptBytes = await grownTo(inbox, FILE_BYTES / 2);
    const peaks = [peakBytes(first)];
    first.process.signal('SIGKILL');
    await first.process.exited;

    const second = run('send', 'alice', [path, 'bob']);
    await grownTo(inbox, keptBytes + FILE_BYTES / 4);
    peaks.push(peakBytes(second), peakBytes(bob));
    await second.process.waitForExit(LIMIT_MS);
    // Cast: --json prints this line and nothing else.
    const line = JSON.parse(second.process.stdout) as { readonly sha256: string; readonly sentBytes: number };
    expect(line.sha256).toBe(await sha256(path));
    expect(line.sentBytes).toBeLessThanOrEqual(FILE_BYTES - keptBytes);
    expect(readdirSync(inbox)).toEqual(['big.bin']);
    expect(await sha256(join(inbox, 'big.bin'))).toBe(line.sha256);
    // A program of Node.js has 30 MB at the least: it is ours that is looked at.
    expect(Math.min(...peaks)).toBeGreaterThan(30_000_000);
    expect(Math.max(...peaks)).toBeLessThan(MOST_RESIDENT_BYTES);
    expect(lostDatagrams()).toBeGreaterThan(100);
  });

  function run(command: string, user: keyof typeof USERS, args: readonly string[]): PhoneRun {
    const started = server.phone(command, { user, password: USERS[user], args, within: space });
    runs.push(started);
    return started;
  }

  function lostDatagrams(): number {
    const rules = space.run('nft', ['list', 'table', 'inet', 'loss']);
    return Number(/counter packets (\d+)/.exec(rules)?.[1] ?? 0);
  }
});

function writeRandom(path: string): void {
  for (let left = FILE_BYTES; left > 0; left -= 1_000_000)
    appendFileSync(path, randomBytes(Math.min(left, 1_000_000)));
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest('hex');
}

/** The most that the process ever had in memory (proc(5)). */
function peakBytes({ process }: PhoneRun): number {
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8');
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

/** @returns how much of the file is written, once it is so much, or whole */
async function grownTo(inbox: string, sizeBytes: number): Promise<number> {
  for (let i = 0; i < LIMIT_MS / 10; i += 1) {
    const [name] = readdirSync(inbox);
    const { size = 0 } = name ? statSync(join(inbox, name)) : {};
    if (size >= sizeBytes) return size;
    await delay(10);
  }
  throw new Error('the file does not grow');
}

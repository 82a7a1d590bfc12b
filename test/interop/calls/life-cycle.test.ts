// How the server ends, and how it refuses to start: one sentence with the mend, exit status 2.
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { findFreePorts } from '../../support/peers/free-port.ts';
import { runPatchcord } from '../../support/peers/patchcord.ts';
import { makeTempFolder, type TempFolder } from '../../support/peers/temp-folder.ts';
import { Lab } from './lab.ts';

let lab: Lab | undefined;
let folder: TempFolder | undefined;

afterEach(async () => {
  await lab?.close();
  folder?.remove();
  lab = undefined;
  folder = undefined;
});

const LONG_CALL = ['--play', 'tone:440', '--duration', '20'];

describe('SIGTERM', () => {
  it('ends a server without calls at once, with status 0', async () => {
    lab = await Lab.open();
    lab.server.process.signal('SIGTERM');
    expect(await lab.server.process.waitForExit(5000)).toMatchObject({ code: 0 });
  });

  it('lets a live call go on, refuses a new one with 503, then ends the call and closes its record', async () => {
    lab = await Lab.open({ drainSeconds: 4 });
    await lab.answering('bob', ['--play', 'tone:700']);
    const live = lab.calling('alice', 'bob', LONG_CALL);
    await live.process.waitForLog(/answered|talking|200|0:01/i);
    await delay(1000);
    lab.server.process.signal('SIGTERM');
    await delay(500);
    const refused = await lab.call('carol', 'bob', ['--play', 'tone:440']);
    expect(refused).toMatchObject({ status: 1, reports: [{ isAnswered: false, status: 503 }] });
    expect((await live.result()).reports).toMatchObject([{ isAnswered: true, endedBy: 'remote' }]);
    expect(await lab.server.process.waitForExit(10_000)).toMatchObject({ code: 0 });
    expect((await lab.closedRecords(1)).at(-1)).toMatchObject({ disposition: 'ANSWERED' });
  });
});

describe('a second signal', () => {
  it.each([
    { signal: 'SIGINT', status: 130 },
    { signal: 'SIGTERM', status: 143 },
  ] as const)('hangs up, closes the record and ends with $status', async ({ signal, status }) => {
    lab = await Lab.open({ drainSeconds: 60 });
    await lab.answering('bob', ['--play', 'tone:700']);
    const live = lab.calling('alice', 'bob', LONG_CALL);
    await live.process.waitForLog(/answered|talking|200|0:01/i);
    await delay(1000);
    lab.server.process.signal('SIGTERM');
    await delay(500);
    lab.server.process.signal(signal);
    expect(await lab.server.process.waitForExit(3000)).toMatchObject({ code: status });
    expect((await live.result()).reports).toMatchObject([{ isAnswered: true, endedBy: 'remote' }]);
    const [record] = lab.server.records(1);
    expect(record).toMatchObject({ disposition: 'ANSWERED', reason: 'the server stops' });
  });
});

describe('a server that cannot start', () => {
  it('names the data folder of another server, and its process', async () => {
    lab = await Lab.open();
    const port = await findFreePorts(2);
    const child = runPatchcord([
      ...['serve', '--data-folder', lab.server.dataFolder],
      ...['--sip-udp', `127.0.0.1:${port}`, '--sip-tcp', 'off'],
    ]);
    expect(await child.waitForExit(10_000)).toMatchObject({ code: 2 });
    expect(child.log).toContain(
      `"${lab.server.dataFolder}" is in use by a server, process ${lab.server.pid};`,
    );
    expect(child.log).not.toMatch(/^\s+at /m);
    const list = runPatchcord(['user', 'list', '--data-folder', lab.server.dataFolder]);
    expect(await list.waitForExit(10_000)).toMatchObject({ code: 0 });
  });

  it('names the port that is in use', async () => {
    const port = await findFreePorts(2);
    const taken = createSocket('udp4');
    await new Promise<void>((resolve) => taken.bind(port, '127.0.0.1', resolve));
    folder = makeTempFolder('start');
    const child = runPatchcord([
      ...['serve', '--data-folder', join(folder.path, 'data')],
      ...['--sip-udp', `127.0.0.1:${port}`, '--sip-tcp', `127.0.0.1:${port}`],
    ]);
    const { code } = await child.waitForExit(10_000);
    taken.close();
    expect(code).toBe(2);
    expect(child.log).toContain(String(port));
    expect(child.log).not.toMatch(/^\s+at /m);
  });

  it('names the data folder that cannot be read', async () => {
    folder = makeTempFolder('start');
    const place = join(folder.path, 'data');
    // A file where the folder should be: root, who may read everything, cannot read it either.
    writeFileSync(place, '');
    const port = await findFreePorts(2);
    const child = runPatchcord([
      ...['serve', '--data-folder', place],
      ...['--sip-udp', `127.0.0.1:${port}`, '--sip-tcp', 'off'],
    ]);
    expect(await child.waitForExit(10_000)).toMatchObject({ code: 2 });
    expect(child.log).toContain(place);
    expect(child.log).not.toMatch(/^\s+at /m);
  });

  it('names an unknown flag', async () => {
    const child = runPatchcord(['serve', '--prot', '5060']);
    expect(await child.waitForExit(10_000)).toMatchObject({ code: 2 });
    expect(child.log).toContain('--prot');
  });
});

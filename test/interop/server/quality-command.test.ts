// `patchcord quality` beside a running server, as people use it: live calls, and what stays of them.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { runPatchcord } from '../../support/peers/patchcord.ts';
import type { PeerProcess } from '../../support/peers/peer-process.ts';
import { Lab } from '../calls/lab.ts';

const LOOK_LIMIT_MS = 10_000;

let lab: Lab | undefined;
const started: PeerProcess[] = [];
afterEach(async () => {
  for (const process of started.splice(0)) await process.stop();
  await lab?.close();
});

/** Runs the command to its end. */
async function quality(
  folder: string,
  ...args: readonly string[]
): Promise<{ code: number | null; text: string }> {
  const process = runPatchcord(['quality', ...args, '--data-folder', folder]);
  started.push(process);
  const { code } = await process.waitForExit(15_000);
  return { code, text: process.stdout };
}

test('a live call is followed, and its record has what both phones reported', async () => {
  // What the server itself hears second by second: there is none of that where phones speak past it.
  lab = await Lab.open({ media: { direct: 'off' } });
  const folder = lab.server.dataFolder;
  expect(await quality(folder)).toEqual({ code: 0, text: 'no calls yet\n' });
  await lab.answering('bob', ['--play', 'speech']);
  const following = runPatchcord(['quality', '--follow', '--json', '--data-folder', folder]);
  started.push(following);
  const result = await lab.call('alice', 'bob', ['--play', 'speech', '--duration', '5']);
  expect(result.status).toBe(0);
  const shown = following.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(shown.find(({ total }) => total === 1)).toMatchObject({
    type: 'live',
    calls: [{ src: 'alice', dst: 'bob', end: null, directions: [{}, {}, {}, {}] }],
  });
  // Ctrl-C.
  expect(await following.stop('SIGINT')).toMatchObject({ code: 0 });
  const record = await untilReported(folder);
  expect(record.phoneReports.map(({ from }: { from: string }) => from).toSorted()).toEqual(['alice', 'bob']);
  expect(record.directions.map(({ party, way }: Record<string, string>) => `${way} ${party}`)).toEqual([
    'from alice',
    'to alice',
    'from bob',
    'to bob',
  ]);
  expect(record.directions[0].history.mosLq.length).toBeGreaterThan(3);
  const [callId] = record.callIds;
  const details = await quality(folder, callId.slice(0, 10));
  expect(details.text).toMatch(/^call \S+: alice -> bob, ANSWERED, 5 s/);
  // Not a terminal: no colour.
  expect(details.text).not.toContain('\u001b');
  expect((await quality(folder, 'last', '--csv')).text).toMatch(/^uniqueid,role,way,party,at_s,/);
  expect((await quality(folder, 'nobody-knows')).code).toBe(2);
});

/** The server writes within a second. */
async function untilReported(folder: string) {
  const endAt = Date.now() + LOOK_LIMIT_MS;
  for (;;) {
    const { text } = await quality(folder, 'last', '--json');
    const record = JSON.parse(text);
    if (record.phoneReports.length === 2 || Date.now() > endAt) return record;
    await delay(200);
  }
}

// "patchcord nat" as its users run it, against coturn's server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coturn, startCoturn } from '../../support/peers/coturn.ts';
import { findFreePorts } from '../../support/peers/free-port.ts';
import { runPatchcord } from '../../support/peers/patchcord.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';

const LIMIT_MS = 30_000;

async function run(...args: readonly string[]) {
  const command = runPatchcord(['nat', ...args]);
  try {
    const { code } = await command.waitForExit(LIMIT_MS);
    return { code, stdout: command.stdout, log: command.log };
  } finally {
    await command.stop();
  }
}

describe.skipIf(missingPeer('turnserver'))('patchcord nat', () => {
  let coturn: Coturn;
  beforeAll(async () => {
    const other = await findFreePorts(2);
    coturn = await startCoturn({ args: ['--listening-ip=127.0.0.2', `--alt-listening-port=${other}`] });
  });
  afterAll(() => coturn.stop());

  test('tells a person', async () => {
    const { code, stdout } = await run(`127.0.0.1:${coturn.port}`);
    expect(stdout).toMatch(/mapped address +127\.0\.0\.1:\d+ +there is no NAT/);
    expect(stdout).toMatch(/mapping +endpoint-independent +everybody sees us/);
    expect(stdout).toMatch(/filtering +endpoint-independent +whoever knows our port gets in/);
    expect(stdout).toMatch(/direct +address-and-port-dependent mapping/);
    expect(code).toBe(0);
  });

  test('tells a machine', async () => {
    const { code, stdout } = await run(`127.0.0.1:${coturn.port}`, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ isBehindNat: false, mapping: 'endpoint-independent' });
    expect(code).toBe(0);
  });
});

describe('patchcord nat where it cannot be told', () => {
  test.concurrent.each([
    { args: ['127.0.0.1:9'], says: /no answer from 127\.0\.0\.1:9 over UDP; check that/, status: 1 },
    { args: ['127.0.0.1:0'], says: /SERVER "127\.0\.0\.1:0" is not host or host:port/, status: 2 },
    { args: ['nowhere.invalid'], says: /"nowhere\.invalid" has no address; check the name/, status: 1 },
    { args: ['--help'], says: /\n {2}patchcord nat stun\.example\.org/, status: 0 },
  ])('$args: exit status $status', async ({ args, says, status }) => {
    const { code, log } = await run(...args);
    expect(log).toMatch(says);
    expect(code).toBe(status);
  });
});

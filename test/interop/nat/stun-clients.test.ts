// STUN clients of others against `patchcord serve`, and ours against coturn's: each finds that there is nothing in between.
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeRuntime } from '../../../core/index.ts';
import { discoverBehaviour } from '../../../nat/index.ts';
import { type Coturn, startCoturn } from '../../support/peers/coturn.ts';
import { findFreePorts } from '../../support/peers/free-port.ts';
import { type PatchcordServer, startPatchcordServer } from '../../support/peers/patchcord.ts';
import { PeerProcess } from '../../support/peers/peer-process.ts';
import { missingPeer, type PeerName, peerPath } from '../../support/peers/require-peer.ts';

const ADDRESS = '127.0.0.1';
const LIMIT_MS = 30_000;
const OPEN = { mapping: 'endpoint-independent', filtering: 'endpoint-independent' };

/** `patchcord serve` at two addresses of this machine, its thread by system calls; or at one, by Node's sockets. */
function startServer(port: number, hasAlternates: boolean): Promise<PatchcordServer> {
  const other = '127.0.0.2';
  const turn = hasAlternates
    ? { udp: [`${ADDRESS}:${port}`, `${other}:${port}`], otherAddress: `${other}:${port + 1}` }
    : { udp: `${ADDRESS}:${port}`, otherAddress: 'off' };
  return startPatchcordServer({
    users: {},
    configuration: {
      turn: { ...turn, tcp: 'off' },
      media: { workers: 1, sockets: hasAlternates ? 'auto' : 'node' },
    },
  });
}

/** What a program says until it ends. */
async function say(peer: PeerName, args: readonly string[]): Promise<string> {
  const program = new PeerProcess({ command: peerPath(peer), args });
  try {
    await program.waitForExit(LIMIT_MS);
    return program.log;
  } finally {
    await program.stop();
  }
}

describe
  .skipIf(missingPeer('natdiscovery', 'coturnStunClient', 'stunClient'))
  .each([{ hasAlternates: true }, { hasAlternates: false }])(
  'our server, with another address: $hasAlternates',
  ({ hasAlternates }) => {
    let port: number;
    let server: PatchcordServer;

    beforeAll(async () => {
      port = await findFreePorts(2);
      server = await startServer(port, hasAlternates);
    });
    afterAll(() => server.stop());

    test('turnutils_stunclient is told its address', async () => {
      const said = await say('coturnStunClient', ['-p', `${port}`, ADDRESS]);
      expect(said).toContain(`UDP reflexive addr: ${ADDRESS}:`);
      if (hasAlternates) expect(said).toContain(`Other addr: : 127.0.0.2:${port + 1}`);
      else expect(said).not.toContain('Other addr');
    });

    test.runIf(hasAlternates).each([
      { args: ['-m'], finds: 'NAT with Endpoint Independent Mapping!' },
      { args: ['-f'], finds: 'NAT with Endpoint Independent Filtering!' },
      { args: ['-f', '-P'], finds: 'NAT with Endpoint Independent Filtering!' },
      { args: ['-t', '-T', '1'], finds: 'RFC 5780 response 2' },
      { args: ['-H'], finds: 'Received a request (maybe a successful hairpinning)' },
    ])('turnutils_natdiscovery $args: $finds', async ({ args, finds }) => {
      expect(await say('natdiscovery', [...args, '-p', `${port}`, ADDRESS])).toContain(finds);
    });

    test('stun of Debian, a client of RFC 3489, is told its address', async () => {
      const own = await findFreePorts(2);
      const said = await say('stunClient', [`localhost:${port}`, '1', '-v', '-p', `${own}`]);
      expect(said).toContain(`MappedAddress = ${ADDRESS}:${own}`);
      expect(said).toContain(`changedAddr=${hasAlternates ? `127.0.0.2:${port + 1}` : '0.0.0.0:0'}`);
    });

    test.runIf(hasAlternates)('stun of Debian finds that the way is open', async () => {
      const own = await findFreePorts(2);
      const said = await say('stunClient', [`localhost:${port}`, '-p', `${own}`]);
      expect(said).toContain('Primary: Open');
    });

    test('the npm package stun is told its address', async () => {
      // Cast: it comes without types; this is what of it is used.
      const { request } = createRequire(import.meta.url)('stun') as {
        request(url: string): Promise<{ getXorAddress(): { address: string; port: number } }>;
      };
      const answer = await request(`stun://${ADDRESS}:${port}`);
      expect(answer.getXorAddress()).toMatchObject({ address: ADDRESS });
    });
  },
);

describe.skipIf(missingPeer('turnserver'))('coturn, asked by us', () => {
  let coturn: Coturn;
  const ask = () =>
    discoverBehaviour(createNodeRuntime(), {
      servers: [{ address: ADDRESS, port: coturn.port }],
      withLifetime: true,
      maxAgeMs: 10_000,
    });

  test('with two addresses says all', async () => {
    const other = await findFreePorts(2);
    coturn = await startCoturn({ args: ['--listening-ip=127.0.0.2', `--alt-listening-port=${other}`] });
    const report = await ask().finally(() => coturn.stop());
    expect(report).toMatchObject({
      isBehindNat: false,
      ...OPEN,
      lifetime: { aliveMs: 10_000, goneMs: null },
    });
  });

  test('with one address says where we come from, and nothing of a filter is made up', async () => {
    coturn = await startCoturn();
    const report = await ask().finally(() => coturn.stop());
    expect(report).toMatchObject({ isBehindNat: false, mapping: OPEN.mapping, filtering: null });
    expect(report.doubts.filtering).toBe('one-address');
  });
});

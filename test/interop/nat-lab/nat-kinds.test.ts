// The NATs of the lab are what they say they are, by the word of a foreign program and of our own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPatchcord } from '../../support/peers/patchcord.ts';
import { PeerProcess } from '../../support/peers/peer-process.ts';
import { peerPath } from '../../support/peers/require-peer.ts';
import { NatLab, SERVER_ADDRESSES } from './lab.ts';
import { missingLab } from './missing-lab.ts';
import { inWords, NAT_KINDS, type NatKind, shortNameOf } from './nat-rules.ts';

/** coturn's tool waits three seconds for each answer that a filter holds back, and asks twice. */
const DISCOVERY_LIMIT_MS = 20_000;

describe.skipIf(missingLab('turnserver', 'natdiscovery'))('a NAT of the lab', () => {
  let lab: NatLab;
  let foreignServer: PeerProcess;

  beforeAll(async () => {
    lab = await NatLab.open({ homes: NAT_KINDS.map((kind) => ({ side: 'caller', kind })) });
    foreignServer = new PeerProcess({
      command: peerPath('turnserver'),
      args: [
        ...['-n', '--stun-only', '--no-cli', '--no-tls', '--no-dtls', '--log-file=stdout'],
        ...[`--pidfile=${lab.path('turnserver.pid')}`, `--userdb=${lab.path('turndb')}`],
        ...SERVER_ADDRESSES.flatMap((address) => ['-L', address]),
      ],
      within: lab.serverSpace,
    });
    await foreignServer.waitForLog(/Total General servers/);
  });

  afterAll(async () => {
    await foreignServer?.stop();
    await lab?.close();
  });

  // All at once: they wait more than they work.
  it.concurrent.each(NAT_KINDS)('has $mapping mapping and $filtering filtering', async (kind) => {
    const [mapping, filtering] = await Promise.all([discover(kind, '-m'), discover(kind, '-f')]);
    expect(mapping).toContain(`NAT with ${inWords(kind.mapping)} Mapping!`);
    expect(filtering).toContain(`NAT with ${inWords(kind.filtering)} Filtering!`);
  });

  it.concurrent.each(NAT_KINDS)('is seen as that by `patchcord nat`: $mapping, $filtering', async (kind) => {
    const { phone } = lab.home('caller', kind);
    const ours = runPatchcord(['nat', SERVER_ADDRESSES[0], '--json'], { within: phone });
    await ours.waitForExit(DISCOVERY_LIMIT_MS);
    expect(JSON.parse(ours.stdout)).toMatchObject({ isBehindNat: true, ...kind });
  });

  async function discover(kind: NatKind, what: '-m' | '-f'): Promise<string> {
    const [address] = SERVER_ADDRESSES;
    const { phone } = lab.home('caller', kind);
    const tool = new PeerProcess({ command: peerPath('natdiscovery'), args: [what, address], within: phone });
    await tool.waitForExit(DISCOVERY_LIMIT_MS);
    return `${shortNameOf(kind)}\n${tool.log}`;
  }
});

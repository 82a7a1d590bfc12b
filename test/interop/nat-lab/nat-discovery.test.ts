// What the NATs of the lab are, by the word of our own server: asked by our client, and by a foreign one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPatchcord } from '../../support/peers/patchcord.ts';
import { PeerProcess } from '../../support/peers/peer-process.ts';
import { peerPath } from '../../support/peers/require-peer.ts';
import { NatLab, SERVER_ADDRESSES } from './lab.ts';
import { missingLab } from './missing-lab.ts';
import { inWords, NAT_KINDS, type NatKind } from './nat-rules.ts';

/** Each answer that a filter holds back is waited for, five seconds by ours, twice three by coturn's. */
const LIMIT_MS = 60_000;
const [ONE, TWO] = SERVER_ADDRESSES;

describe.skipIf(missingLab('natdiscovery')).each([
  { name: 'two addresses', others: [TWO] },
  { name: 'one address', others: [] },
])('our server with $name', ({ others }) => {
  const hasTwo = others.length > 0;
  let lab: NatLab;

  beforeAll(async () => {
    lab = await NatLab.open({ homes: NAT_KINDS.map((kind) => ({ side: 'caller', kind })) });
    await lab.startServer({}, others);
  });
  afterAll(() => lab?.close());

  // All at once: they wait more than they work.
  it.concurrent.each(NAT_KINDS)('`patchcord nat` tells $mapping, $filtering', async (kind) => {
    const report = JSON.parse(await say(kind, (within) => runPatchcord(['nat', ONE, '--json'], { within })));
    expect(report).toMatchObject({ isBehindNat: true, ...(hasTwo ? kind : byPort(kind)) });
  });

  it.concurrent.each(hasTwo ? NAT_KINDS : [])('coturn tells $mapping, $filtering', async (kind) => {
    const ask = (what: string) =>
      say(
        kind,
        (within) => new PeerProcess({ command: peerPath('natdiscovery'), args: [what, ONE], within }),
      );
    const [mapping, filtering] = await Promise.all([ask('-m'), ask('-f')]);
    expect(mapping).toContain(`NAT with ${inWords(kind.mapping)} Mapping!`);
    expect(filtering).toContain(`NAT with ${inWords(kind.filtering)} Filtering!`);
  });

  it('`patchcord nat --lifetime` sees mappings live through ten seconds', async () => {
    const kind = NAT_KINDS[2] ?? expect.fail('the lab has a third kind');
    const args = ['nat', ONE, '--json', '--lifetime', '--max-lifetime', '10'];
    const report = JSON.parse(await say(kind, (within) => runPatchcord(args, { within })));
    expect(report.lifetime).toEqual({ aliveMs: 10_000, goneMs: null });
  });

  /** What a program says in the home behind such a NAT. */
  async function say(kind: NatKind, run: (within: NatLab['serverSpace']) => PeerProcess): Promise<string> {
    const program = run(lab.home('caller', kind).phone);
    await program.waitForExit(LIMIT_MS);
    return program.stdout;
  }
});

/** What two ports of one address tell. */
function byPort({ mapping, filtering }: NatKind): object {
  const isByPort = (behaviour: string) => behaviour === 'address-and-port-dependent';
  return {
    mapping: isByPort(mapping) ? mapping : null,
    isMappingStable: !isByPort(mapping),
    filtering: isByPort(filtering) ? filtering : null,
    isFilteredByPort: isByPort(filtering),
  };
}

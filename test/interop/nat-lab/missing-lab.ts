// Whether this machine lets us lay networks of our own.
import { spawnSync } from 'node:child_process';
import { missingPeer, type PeerName } from '../../support/peers/require-peer.ts';

/**
 * For `describe.skipIf(missingLab())`: says what is missing and skips. Where `CI` is set nothing is skipped.
 *
 * @param peers - programs that are needed besides those of the lab itself
 */
export function missingLab(...peers: readonly PeerName[]): boolean {
  if (missingPeer('ip', 'nft', 'conntrack', ...peers)) return true;
  const obstacle = process.env.CI ? undefined : findObstacle();
  if (obstacle === undefined) return false;
  process.stderr.write(`skipped: ${obstacle}\n`);
  return true;
}

function findObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'networks of our own want root; run it with sudo';
  const { status, stderr } = spawnSync('unshare', ['--net', 'nft', 'add', 'table', 'ip', 'nat'], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `network namespaces or nftables do not work here: ${stderr.trim()}`;
}

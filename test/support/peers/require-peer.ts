// Which foreign programs are there, and what to do where one is missing.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A foreign program, the Debian package that brings it, and where to look besides PATH. */
const PEERS = {
  baresip: { executable: 'baresip', debianPackage: 'baresip-core' },
  sipp: { executable: 'sipp', debianPackage: 'sip-tester' },
  kamailio: { executable: 'kamailio', debianPackage: 'kamailio' },
  rtpengine: { executable: 'rtpengine', debianPackage: 'rtpengine-daemon' },
  opusenc: { executable: 'opusenc', debianPackage: 'opus-tools' },
  opusinfo: { executable: 'opusinfo', debianPackage: 'opus-tools' },
  sox: { executable: 'sox', debianPackage: 'sox' },
  linphone: { executable: 'linphonec', debianPackage: 'linphone-cli' },
  tcpdump: { executable: 'tcpdump', debianPackage: 'tcpdump' },
  ip: { executable: 'ip', debianPackage: 'iproute2' },
  nft: { executable: 'nft', debianPackage: 'nftables' },
  conntrack: { executable: 'conntrack', debianPackage: 'conntrack' },
  openssl: { executable: 'openssl', debianPackage: 'openssl' },
  turnserver: { executable: 'turnserver', debianPackage: 'coturn' },
  uclient: { executable: 'turnutils_uclient', debianPackage: 'coturn' },
  turnpeer: { executable: 'turnutils_peer', debianPackage: 'coturn' },
  natdiscovery: { executable: 'turnutils_natdiscovery', debianPackage: 'coturn' },
  coturnStunClient: { executable: 'turnutils_stunclient', debianPackage: 'coturn' },
  stunClient: { executable: 'stun', debianPackage: 'stun-client' },
} as const;

export type PeerName = keyof typeof PEERS;

// Daemons live here, and an ordinary user's PATH may lack it.
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/bin', '/usr/local/bin'];

/** @returns the path of the peer's executable, or undefined where it is not installed */
export function findPeer(name: PeerName): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter);
  // Programs of npm packages are there while npm runs us, and some have the name of a peer.
  const folders = [...path.filter((folder) => !folder.includes('node_modules')), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, PEERS[name].executable)).find(isExecutable);
}

/** What a person without the peer is told. */
export function installHint(name: PeerName): string {
  return `${name} is not installed; on Debian: apt-get install ${PEERS[name].debianPackage}`;
}

/**
 * For `describe.skipIf(missingPeer('baresip'))`: says what to install and skips. Where `CI` is set nothing is
 * skipped, so that the suite fails in {@link peerPath}.
 */
export function missingPeer(...names: readonly PeerName[]): boolean {
  const missing = names.filter((name) => findPeer(name) === undefined);
  if (missing.length === 0 || process.env.CI) return false;
  for (const name of missing) process.stderr.write(`skipped: ${installHint(name)}\n`);
  return true;
}

/** @throws Error that says what to install */
export function peerPath(name: PeerName): string {
  const path = findPeer(name);
  if (path === undefined) throw new Error(installHint(name));
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

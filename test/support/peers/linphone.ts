// Linphone as a phone that answers by itself, sends extended reports (RFC 3611), and reports its calls (RFC 6035).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePorts } from './free-port.ts';
import { PeerProcess } from './peer-process.ts';
import { peerPath } from './require-peer.ts';
import { makeTempFolder } from './temp-folder.ts';

export interface LinphoneOptions {
  readonly user: string;
  readonly password: string;
  /** `host:port`. */
  readonly registrar: string;
  /** Seconds between reports while a call lasts. */
  readonly intervalSeconds: number;
}

export interface Linphone {
  stop(): Promise<void>;
}

/** Resolves once it is registered. */
export async function startLinphone(options: LinphoneOptions): Promise<Linphone> {
  const folder = makeTempFolder('linphone');
  const data = join(folder.path, '.local', 'share', 'linphone');
  mkdirSync(data, { recursive: true });
  const file = join(folder.path, 'linphonerc');
  const [sipPort, rtpPort] = [await findFreePorts(2), await findFreePorts(4)];
  writeFileSync(file, settingsOf(options, { sipPort, rtpPort }));
  const child = new PeerProcess({
    command: peerPath('linphone'),
    args: ['-a', '-c', file, '-d', '6'],
    environment: { HOME: folder.path },
  });
  const stop = async () => {
    await child.stop();
    folder.remove();
  };
  try {
    // No sound card: it plays and records nothing.
    child.write('soundcard use files\n');
    await child.waitForLog(/to \[LinphoneRegistrationOk\]/);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

function settingsOf(
  { user, password, registrar, intervalSeconds }: LinphoneOptions,
  { sipPort, rtpPort }: { readonly sipPort: number; readonly rtpPort: number },
): string {
  const [host = ''] = registrar.split(':');
  return `[sip]
sip_port=${sipPort}
sip_tcp_port=${sipPort}
default_proxy=0
register_only_when_network_is_up=0

[rtp]
audio_rtp_port=${rtpPort}
rtcp_xr_enabled=1
rtcp_xr_voip_metrics_enabled=1

[proxy_0]
reg_proxy=<sip:${registrar}>
reg_identity=sip:${user}@${host}
reg_expires=600
reg_sendregister=1
publish=0
quality_reporting_enabled=1
quality_reporting_collector=sip:collector@${registrar}
quality_reporting_interval=${intervalSeconds}

[auth_info_0]
username=${user}
passwd=${password}

[sound]
echocancellation=0
`;
}

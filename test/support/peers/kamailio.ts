// Kamailio as a plain registrar: digest, bindings in memory, one UDP worker.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePorts } from './free-port.ts';
import { PeerProcess } from './peer-process.ts';
import { peerPath } from './require-peer.ts';
import { makeTempFolder } from './temp-folder.ts';

export interface KamailioOptions {
  readonly realm: string;
  /** Every user has this password: Kamailio's authentication without a database. */
  readonly password: string;
  readonly cpus?: string;
  /** Whether nonce counts are kept and checked, as our own registrar does it. */
  readonly nonceCount?: boolean;
}

export interface Kamailio {
  readonly port: number;
  readonly pid: number;
  waitForLog(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

export function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  return runKamailio((port) => configOf(port, options), options);
}

/** @param configFor - has to say `is listening` once it is */
export async function runKamailio(
  configFor: (port: number) => string,
  options: { readonly cpus?: string } = {},
): Promise<Kamailio> {
  const folder = makeTempFolder('kamailio');
  const port = await findFreePorts(2);
  const path = join(folder.path, 'kamailio.cfg');
  writeFileSync(path, configFor(port));
  const child = new PeerProcess({
    command: peerPath('kamailio'),
    // In the foreground (-DD forks workers, and the parent stays), log to standard error.
    args: [
      '-f',
      path,
      '-DD',
      '-E',
      '-m',
      '256',
      '-M',
      '32',
      '-Y',
      folder.path,
      '-P',
      join(folder.path, 'pid'),
    ],
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
  });
  try {
    await child.waitForLog(/is listening/);
  } catch (error) {
    await child.stop();
    folder.remove();
    throw error;
  }
  return {
    port,
    pid: child.pid,
    waitForLog: (pattern) => child.waitForLog(pattern),
    stop: async () => {
      await child.stop();
      folder.remove();
    },
  };
}

function configOf(port: number, options: KamailioOptions): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
disable_tcp=yes
listen=udp:127.0.0.1:${port}
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "maxfwd.so"
loadmodule "sanity.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 14)
modparam("registrar", "max_expires", 3600)
modparam("registrar", "max_contacts", 10)
modparam("auth", "qop", "auth")
modparam("auth", "nonce_count", ${options.nonceCount ? 1 : 0})

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (!sanity_check()) exit;
  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!pv_www_authenticate("${options.realm}", "${options.password}", "0")) {
    www_challenge("${options.realm}", "1");
    exit;
  }
  if (!save("location")) sl_reply_error();
  exit;
}

event_route[core:worker-one-init] {
  xlog("L_ALERT", "is listening\\n");
}
`;
}

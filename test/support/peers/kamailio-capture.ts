// Kamailio as a capture server: it says what it reads in each HEP packet.
import { type Kamailio, runKamailio } from './kamailio.ts';

/** One line a packet: `hep 3 1 from 192.0.2.7 5062 to 192.0.2.1 5060 id 2001 call abc at 1700000000 123250`. */
export function startKamailioCapture(): Promise<Kamailio> {
  return runKamailio(configOf);
}

// The numbers are those of the chunks: xlog wants them in one piece.
const PARTIES = 'from $hep(0x003) $hep(0x007) to $hep(0x004) $hep(0x008)';

function configOf(port: number): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
disable_tcp=yes
listen=udp:127.0.0.1:${port}
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "db_flatstore.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "flatstore:/nonexistent")
modparam("sipcapture", "capture_on", 1)
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "nonsip_hook", 1)

request_route { drop; }

event_route[sipcapture:request] {
  xlog("L_ALERT", "hep $hep(version) $hep(0x00b) ${PARTIES} id $hep(0x00c) call $hep(0x011) at $hep(0x009) $hep(0x00a)\\n");
}

event_route[core:worker-one-init] {
  xlog("L_ALERT", "is listening\\n");
}
`;
}

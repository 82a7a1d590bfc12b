// What a caller of sipp does in a call.

/** Pieces of its scenario. */
export interface DuringCall {
  readonly xml: string;
  /** The first lines of its media in SDP; each way of sending sound has a port of its own. */
  readonly mediaLines: string;
}

/** Time for the far end to be there, and for what was sent last to arrive. */
const QUIET_MS = 1000;
/** Eight seconds of PCMA, of the Debian package of sipp. */
const RECORDED_SOUND = '/usr/share/sip-tester/g711a.pcap';
/** sipp plays a digit for 200 ms; the next may begin after a pause. */
const DIGIT_MS = 400;

/** Streams a file of PCMU for the time of `-d`. */
export function streamSound(file: string): DuringCall {
  const xml = `${action(`rtp_stream="${file},-1,0"`)}\n  <pause/>\n${action('rtp_stream="pause"')}`;
  return { xml, mediaLines: 'm=audio [rtpstream_audio_port] RTP/AVP 0' };
}

/** Sends a capture of PCMU, and waits so long. sipp sends through a raw socket: as root. */
export function playCapture(path: string, durationMs: number): DuringCall {
  const xml = [action(`play_pcap_audio="${path}"`), pause(durationMs)].join('\n');
  return { xml, mediaLines: 'm=audio [media_port] RTP/AVP 0' };
}

/** Sends digits as telephone-events (RFC 4733), under payload type 96. sipp sends through a raw socket: as root. */
export function sendEventDigits(digits: string): DuringCall {
  // Phones send sound before anybody presses a key; a leg that is relayed learns from it where the party is.
  const sound = action(`play_pcap_audio="${RECORDED_SOUND}"`);
  const mediaLines = [
    'm=audio [media_port] RTP/AVP 0 8 96',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:96 telephone-event/8000',
  ];
  // In one action: each begins its timestamps anew, and what has the same timestamp is one event (RFC 4733 §2.2.2).
  const all = [sound, pause(QUIET_MS), action(`play_dtmf="${digits}"`), pause(digits.length * DIGIT_MS)];
  return { xml: quietlyAround(all), mediaLines: mediaLines.join('\n') };
}

/** Sends digits as INFO with `application/dtmf-relay`. */
export function sendInfoDigits(digits: string): DuringCall {
  const each = [...digits].map(
    (digit, i) => `${infoRequest(digit, FIRST_INFO_CSEQ + i)}\n${pause(DIGIT_MS)}`,
  );
  return { xml: quietlyAround(each), mediaLines: 'm=audio [media_port] RTP/AVP 0' };
}

/** The INVITE with credentials has 2. */
const FIRST_INFO_CSEQ = 3;

const action = (exec: string) => `  <nop>\n    <action>\n      <exec ${exec}/>\n    </action>\n  </nop>`;

const pause = (lengthMs: number) => `  <pause milliseconds="${lengthMs}"/>`;

function quietlyAround(steps: readonly string[]): string {
  return [pause(QUIET_MS), ...steps, pause(QUIET_MS)].join('\n');
}

function infoRequest(digit: string, cseq: number): string {
  return `  <send retrans="500">
    <![CDATA[

INFO [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
[routes]
Max-Forwards: 70
From: <sip:[field0]@[remote_ip]:[remote_port]>;tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: ${cseq} INFO
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal=${digit}
Duration=160
    ]]>
  </send>

  <recv response="200"/>`;
}

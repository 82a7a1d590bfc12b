// One name for each setting on the command line and in the environment.

/** A setting that has a flag and a variable besides its place in the file. */
export interface Setting {
  /** In patchcord.yaml. */
  readonly path: readonly string[];
  /** `--media-ports`, without the dashes. */
  readonly flag: string;
  /** Placeholder of the value in the help. */
  readonly value: string;
  readonly help: string;
  readonly kind: 'text' | 'number' | 'list' | 'switch';
}

const setting = (
  path: string,
  flag: string,
  value: string,
  help: string,
  kind: Setting['kind'] = 'text',
): Setting => ({
  path: path.split('.'),
  flag,
  value,
  help,
  kind,
});

/** In the order of the help. */
export const SETTINGS: readonly Setting[] = [
  setting('dataFolder', 'data-folder', 'folder', 'where accounts, bindings and call records are kept'),
  setting(
    'sip.udp',
    'sip-udp',
    'address:port',
    'where SIP listens on UDP, several with commas, or "off"',
    'list',
  ),
  setting(
    'sip.tcp',
    'sip-tcp',
    'address:port',
    'where SIP listens on TCP, several with commas, or "off"',
    'list',
  ),
  setting('realm', 'realm', 'name', 'domain of local addresses, and the realm of passwords'),
  setting('domains', 'domains', 'names', 'more domains that mean this server, with commas', 'list'),
  setting('digest', 'digest', 'names', 'SHA-256, MD5: how passwords are proven, with commas', 'list'),
  setting(
    'advertisedAddress',
    'advertised-address',
    'address',
    'public address in front of a NAT, several with commas',
    'list',
  ),
  setting(
    'insideNetworks',
    'inside-networks',
    'networks',
    'whose phones reach this server without that NAT, with commas, or "off"',
    'list',
  ),
  setting('media.ports', 'media-ports', 'first-last', 'UDP ports for sound'),
  setting('media.workers', 'media-workers', 'count', 'threads that relay sound', 'number'),
  setting(
    'media.sockets',
    'media-sockets',
    'auto|linux|node',
    'how those threads reach the network: by system calls of Linux, or by Node.js',
  ),
  setting(
    'media.inactivitySeconds',
    'inactivity-seconds',
    's',
    'a call without any sound ends after so long',
    'number',
  ),
  setting(
    'media.transcoding',
    'transcoding',
    'true|false',
    'convert sound where phones share no codec',
    'switch',
  ),
  setting('media.codecs', 'codecs', 'names', 'what is converted and played, with commas', 'list'),
  setting(
    'media.opusEngine',
    'opus-engine',
    'libopus-wasm|opusscript|system',
    'who decodes and encodes Opus; system is the libopus of this machine',
  ),
  setting(
    'media.redundancy',
    'redundancy',
    'auto|off',
    'copies of sound (RFC 2198) for phones that lose packets',
  ),
  setting('media.direct', 'direct', 'auto|off', 'let phones with ICE speak past the server where they can'),
  setting('media.holdMusic', 'hold-music', 'file', 'WAV or Ogg Opus: what who is held hears'),
  setting(
    'recording.calls',
    'record-calls',
    'never|always|onDemand',
    'which calls are recorded; onDemand by *1',
  ),
  setting('recording.folder', 'recording-folder', 'folder', 'where recordings go; DATA-FOLDER/recordings'),
  setting('recording.format', 'recording-format', 'opus|wav', 'what recordings are written as'),
  setting('turn.udp', 'turn-udp', 'address:port', 'where STUN and TURN listen on UDP, or "off"', 'list'),
  setting('turn.tcp', 'turn-tcp', 'address:port', 'where TURN listens on TCP, or "off"', 'list'),
  setting('turn.tls', 'turn-tls', 'address:port', 'where TURN listens on TLS, or "off"', 'list'),
  setting(
    'turn.otherAddress',
    'turn-other-address',
    'address:port',
    'second address and port by which phones find out what their NAT does, "auto" or "off"',
  ),
  setting('turn.certificate', 'turn-certificate', 'file', 'certificate chain (PEM) of TURN on TLS'),
  setting('turn.key', 'turn-key', 'file', 'its key (PEM)'),
  setting('turn.relayPorts', 'turn-relay-ports', 'first-last', 'UDP ports of TURN relays'),
  setting('ringSeconds', 'ring-seconds', 's', 'longest ringing', 'number'),
  setting(
    'drainSeconds',
    'drain-seconds',
    's',
    'how long live calls may go on when the server is stopped',
    'number',
  ),
  setting('maxCalls', 'max-calls', 'count', 'calls at once', 'number'),
  setting(
    'quality.collector',
    'quality-collector',
    'sip:host',
    'who is told how good each call was (RFC 6035)',
  ),
  setting('hep.address', 'hep', 'host:port', 'Homer server that SIP and the quality of calls are sent to'),
  setting('hep.captureId', 'hep-capture-id', 'number', 'number of this node there', 'number'),
  setting('log', 'log', 'level', 'error, warn, info, debug or silent'),
];

/** `media-ports` is `PATCHCORD_MEDIA_PORTS`. */
export function variableOf({ flag }: Pick<Setting, 'flag'>): string {
  return `PATCHCORD_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** `media-ports` as commander names it: `mediaPorts`. */
export function optionKeyOf({ flag }: Pick<Setting, 'flag'>): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** A value from a flag or variable in the shape that the file would have it. */
export function settingValue({ kind }: Setting, text: string): unknown {
  // What is no number, and neither true nor false, stays text, so that the schema can show it.
  if (kind === 'number') return /^\d+$/.test(text.trim()) ? Number(text) : text;
  if (kind === 'switch') return text === 'true' || (text === 'false' ? false : text);
  if (kind === 'list' && text !== 'off') return text.split(',').map((part) => part.trim());
  return text;
}

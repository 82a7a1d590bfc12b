// A phone for scenarios that script their signaling: a user agent with an account, a contact and a socket for sound.
import type { Endpoint, Runtime, UdpSocket } from '../../core/index.ts';
import { encodeCheck } from '../../nat/ice/check-message.ts';
import { type IceCredentials, IceLite, type TurnService } from '../../nat/index.ts';
import {
  formatNameAddr,
  type HeaderField,
  type IncomingSession,
  type NameAddr,
  NO_PARAMETERS,
  type OutgoingSession,
  openSipEndpoint,
  parseUri,
  type SessionEvents,
  SipUserAgent,
  sipUri,
  turnServersOf,
  type Uri,
} from '../../signaling/index.ts';
import type { Host } from './host.ts';

/** What a test phone is made from. */
export interface TestPhoneOptions {
  readonly host: Host;
  readonly name: string;
  readonly password: string;
  /** Numeric address of the server, which also is its realm's host. */
  readonly server: string;
  readonly realm: string;
}

/** Everything a session was told, for assertions. */
export interface SessionLog {
  readonly progress: SessionEvents['progress'][];
  readonly accepted: SessionEvents['accepted'][];
  readonly offers: SessionEvents['offer'][];
  readonly ended: SessionEvents['ended'][];
}

export class TestPhone {
  readonly name: string;
  readonly userAgent: SipUserAgent;
  /** Calls that came in, oldest first. */
  readonly incoming: IncomingSession[] = [];
  /** What to do with a call; by default it only rings. */
  onCall: (session: IncomingSession, phone: TestPhone) => void = (session) => session.progress(180);
  /** What its SDP has: each a payload type, its rtpmap where it needs one, and behind a semicolon its parameters. */
  formats: readonly string[] = ['0', '101 telephone-event/8000'];
  /** `a=ptime` and `a=maxptime` of its SDP, which says nothing where these are not set. */
  ptimeMs: number | undefined;
  maxptimeMs: number | undefined;
  /** Its ICE; none where not set. */
  ice: IceCredentials | undefined;
  /** STUN that arrived, with where it came from. */
  readonly stun: { readonly bytes: Uint8Array; readonly source: Endpoint }[] = [];
  readonly #options: TestPhoneOptions;
  readonly #rtp: UdpSocket;
  /** RTP payloads that arrived. */
  readonly heard: Uint8Array[] = [];

  static async open(options: TestPhoneOptions): Promise<TestPhone> {
    const runtime: Runtime = options.host;
    const [address = '127.0.0.1'] = options.host.addresses;
    const endpoint = await openSipEndpoint(runtime, {
      listen: [{ protocol: 'udp', address, port: 5060 }],
      product: 'test phone',
    });
    const { name: username, password } = options;
    const userAgent = new SipUserAgent(runtime, endpoint, {
      credentials: { username, password },
      sessionExpiresSeconds: 0,
    });
    const rtp = await runtime.network.bindUdp({ address, port: 0 });
    return new TestPhone(options, userAgent, rtp);
  }

  get host(): Host {
    return this.#options.host;
  }

  private constructor(options: TestPhoneOptions, userAgent: SipUserAgent, rtp: UdpSocket) {
    this.name = options.name;
    this.userAgent = userAgent;
    this.#options = options;
    this.#rtp = rtp;
    rtp.onDatagram = (bytes, address, port) => this.#handleSound(bytes.slice(), { address, port });
    userAgent.on('invite', ({ session }) => {
      this.incoming.push(session);
      this.onCall(session, this);
    });
  }

  /** Where its sound comes from. */
  get soundAt(): Endpoint {
    return this.#rtp.local;
  }

  /** Answers checks as a lite agent would: what it says of its role nobody asks. */
  #handleSound(bytes: Uint8Array, source: Endpoint): void {
    if ((bytes[0] ?? 0) > 3) {
      this.heard.push(bytes);
      return;
    }
    this.stun.push({ bytes, source });
    const { response } = this.ice ? new IceLite({ credentials: this.ice }).handleCheck(0, bytes, source) : {};
    if (response) this.#rtp.send(response, source.address, source.port);
  }

  #checks = 0;

  /** Sends a check to where a description says that its agent is. */
  check(to: Endpoint, remote: IceCredentials, isNominating = false): void {
    this.#checks += 1;
    const transactionId = new Uint8Array(12).fill(this.name.length);
    new DataView(transactionId.buffer).setUint32(0, this.#checks);
    const bytes = encodeCheck({
      transactionId,
      remote,
      localUfrag: this.ice?.ufrag ?? '',
      priority: 1,
      role: 'controlling',
      tieBreaker: 1n,
      isNominating,
    });
    this.#rtp.send(bytes, to.address, to.port);
  }

  get aor(): NameAddr {
    const { name, realm } = this.#options;
    return { displayName: undefined, uri: sipUri({ user: name, host: realm }), parameters: NO_PARAMETERS };
  }

  /** Of the answer to the last REGISTER. */
  turnServers: readonly TurnService[] = [];

  /** @returns the status of the answer */
  async register(expiresSeconds = 3600): Promise<number> {
    const { server, name } = this.#options;
    const contact = this.userAgent.endpoint.contactFor({ address: server, port: 5060 }, name);
    const { status, response } = await this.userAgent.request('REGISTER', {
      target: sipUri({ host: server }),
      from: this.aor,
      to: this.aor,
      headers: [
        ['Contact', `${formatNameAddr(contact)}${this.ice ? ';+sip.ice' : ''}`],
        ['Expires', String(expiresSeconds)],
      ],
    });
    this.turnServers = response ? turnServersOf(response) : [];
    return status;
  }

  /** Calls a user part at the server. */
  call(
    user: string,
    options: { readonly headers?: readonly HeaderField[]; readonly sdp?: string } = {},
  ): OutgoingSession {
    return this.userAgent.invite({
      target: this.uri(user),
      from: this.aor,
      sdp: options.sdp ?? this.sdp(),
      ...(options.headers ? { headers: options.headers } : {}),
    });
  }

  uri(user: string): Uri {
    const uri = parseUri(`sip:${user}@${this.#options.server}`);
    if (!('host' in uri)) throw new Error(`no URI can be made of ${user}`);
    return uri;
  }

  /** An offer or answer for this phone's socket. */
  sdp(direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' = 'sendrecv', version = 1): string {
    const { address, port } = this.#rtp.local;
    return [
      'v=0',
      `o=${this.name} 1 ${version} IN IP4 ${address}`,
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      `m=audio ${port} RTP/AVP ${this.formats.map((format) => Number.parseInt(format, 10)).join(' ')}`,
      ...this.formats.flatMap(attributesOf),
      ...(this.ptimeMs === undefined ? [] : [`a=ptime:${this.ptimeMs}`]),
      ...(this.maxptimeMs === undefined ? [] : [`a=maxptime:${this.maxptimeMs}`]),
      `a=${direction}`,
      ...this.#iceLines,
      '',
    ].join('\r\n');
  }

  get #iceLines(): readonly string[] {
    if (!this.ice) return [];
    const { address, port } = this.#rtp.local;
    return [
      'a=rtcp-mux',
      `a=ice-ufrag:${this.ice.ufrag}`,
      `a=ice-pwd:${this.ice.password}`,
      `a=candidate:1 1 UDP 2130706431 ${address} ${port} typ host`,
      `a=candidate:2 1 UDP 1694498815 198.51.100.77 4242 typ srflx raddr ${address} rport ${port}`,
      `a=candidate:3 1 TCP 1010828543 ${address} 9 typ host tcptype active`,
    ];
  }

  /** Sends so many RTP packets of 20 ms in its first format at once, each payload filled with `mark`. */
  speak(
    to: { readonly address: string; readonly port: number },
    mark: number,
    count = 1,
    { sequenceNumber }: { readonly sequenceNumber?: number } = {},
  ): void {
    for (let i = 0; i < count; i += 1) {
      const packet = new Uint8Array(12 + 160).fill(mark, 12);
      const view = new DataView(packet.buffer);
      view.setUint8(0, 0x80);
      view.setUint8(1, Number.parseInt(this.formats[0] ?? '0', 10));
      const number = sequenceNumber ?? this.#sequence++;
      view.setUint16(2, number & 0xffff);
      view.setUint32(4, (number + 1) * 160);
      view.setUint32(8, this.#options.name.length + 1000);
      this.#rtp.send(packet, to.address, to.port);
    }
  }
  #sequence = 1;
  #presses = 0;

  /** Presses 0 to 9, a second after the key before: the three end packets of an event of 100 ms (RFC 4733 §2.5.1.4). */
  press(to: { readonly address: string; readonly port: number }, digit: number): void {
    const format = this.formats.find((text) => text.includes('telephone-event'));
    this.#presses += 1;
    for (let i = 0; i < 3; i += 1) {
      const packet = new Uint8Array(12 + 4);
      const view = new DataView(packet.buffer);
      view.setUint8(0, 0x80);
      view.setUint8(1, Number.parseInt(format ?? '101', 10));
      view.setUint16(2, this.#sequence++ & 0xffff);
      view.setUint32(4, this.#presses * 8000);
      view.setUint32(8, this.#options.name.length + 1000);
      view.setUint8(12, digit);
      view.setUint8(13, 0x8a);
      view.setUint16(14, 800);
      this.#rtp.send(packet, to.address, to.port);
    }
  }

  /** Sends something from the socket of its sound. */
  sendRaw(to: { readonly address: string; readonly port: number }, bytes: Uint8Array): void {
    this.#rtp.send(bytes, to.address, to.port);
  }

  async close(): Promise<void> {
    await this.userAgent.close(0);
    this.#rtp.close();
  }
}

/** Of a format as `97 red/48000/2;96/96`. */
function attributesOf(format: string): readonly string[] {
  const [map = '', parameters] = format.split(';');
  return [
    ...(map.includes(' ') ? [`a=rtpmap:${map}`] : []),
    ...(parameters === undefined ? [] : [`a=fmtp:${Number.parseInt(map, 10)} ${parameters}`]),
  ];
}

/** Notes everything that happens to a session from now on. */
export function watchSession(session: OutgoingSession | IncomingSession): SessionLog {
  const log: SessionLog = { progress: [], accepted: [], offers: [], ended: [] };
  session.on('progress', (event) => log.progress.push(event));
  session.on('accepted', (event) => log.accepted.push(event));
  session.on('ended', (event) => log.ended.push(event));
  return log;
}

/** Where the SDP wants sound. */
export function mediaAddress(sdp: string | undefined): { readonly address: string; readonly port: number } {
  const address = /^c=IN IP[46] (\S+)/m.exec(sdp ?? '')?.[1] ?? '';
  return { address, port: Number(/^m=audio (\d+)/m.exec(sdp ?? '')?.[1] ?? 0) };
}

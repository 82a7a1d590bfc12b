// Registrations as fast as a server takes them: each is a challenge and an answered challenge.
import { createHash } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

export interface RegisterLoadOptions {
  readonly port: number;
  readonly users: readonly string[];
  readonly password: string;
  /** Registrations that are under way at the same time. */
  readonly window: number;
  readonly durationMs: number;
}

export interface RegisterLoadResult {
  readonly registrations: number;
  /** Final answers that are neither the challenge nor 200. */
  readonly refused: number;
  /** Requests sent again because no answer came. */
  readonly retransmissions: number;
}

const RETRANSMIT_AFTER_MS = 500;
const SWEEP_MS = 100;

/** One phone that registers again and again. */
interface Phone {
  readonly user: string;
  readonly index: number;
  cseq: number;
  pending: Buffer | undefined;
  sentAt: number;
}

/** Runs for `durationMs`, with `window` phones waiting for an answer at every moment. */
export async function loadWithRegistrations(options: RegisterLoadOptions): Promise<RegisterLoadResult> {
  const load = new RegisterLoad(options);
  return await load.run();
}

class RegisterLoad {
  readonly #options: RegisterLoadOptions;
  // One look-up-free socket: every phone shares the address, and Call-ID tells them apart.
  readonly #socket: Socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, done) => done(null, host, 4),
  });
  readonly #idle: Phone[];
  readonly #active = new Map<number, Phone>();
  #localPort = 0;
  #registrations = 0;
  #refused = 0;
  #retransmissions = 0;
  #isEnding = false;

  constructor(options: RegisterLoadOptions) {
    this.#options = options;
    this.#idle = options.users.map((user, index) => ({
      user,
      index,
      cseq: 0,
      pending: undefined,
      sentAt: 0,
    }));
  }

  async run(): Promise<RegisterLoadResult> {
    await new Promise<void>((resolve) => this.#socket.bind(0, '127.0.0.1', resolve));
    this.#socket.setRecvBufferSize(4_000_000);
    this.#localPort = this.#socket.address().port;
    this.#socket.on('message', (bytes) => this.#receive(bytes));
    const sweep = setInterval(() => this.#retransmit(), SWEEP_MS);
    for (let i = 0; i < this.#options.window; i += 1) this.#startNext();
    await new Promise((resolve) => setTimeout(resolve, this.#options.durationMs));
    this.#isEnding = true;
    clearInterval(sweep);
    this.#socket.close();
    return {
      registrations: this.#registrations,
      refused: this.#refused,
      retransmissions: this.#retransmissions,
    };
  }

  #startNext(): void {
    const phone = this.#idle.shift();
    if (phone === undefined || this.#isEnding) return;
    this.#active.set(phone.index, phone);
    this.#send(phone, '');
  }

  #receive(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    const status = Number(text.slice(8, 11));
    const found = /\r\nCall-ID: *p(\d+)/i.exec(text);
    const phone = this.#active.get(Number(found?.[1]));
    if (status < 200 || phone === undefined || !text.includes(`CSeq: ${phone.cseq} `)) return;
    if (status === 401) return this.#send(phone, this.#credentials(phone, text));
    if (status === 200) this.#registrations += 1;
    else this.#refused += 1;
    this.#active.delete(phone.index);
    this.#idle.push(phone);
    this.#startNext();
  }

  #credentials(phone: Phone, challenge: string): string {
    const line = /WWW-Authenticate: *Digest [^\r]*MD5[^\r]*/i.exec(challenge)?.[0] ?? challenge;
    const realm = /realm="([^"]*)"/.exec(line)?.[1] ?? '';
    const nonce = /nonce="([^"]*)"/.exec(line)?.[1] ?? '';
    const uri = `sip:127.0.0.1:${this.#options.port}`;
    const ha1 = md5(`${phone.user}:${realm}:${this.#options.password}`);
    const ha2 = md5(`REGISTER:${uri}`);
    const response = md5(`${ha1}:${nonce}:00000001:0a4f113b:auth:${ha2}`);
    return (
      `Authorization: Digest username="${phone.user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
      `qop=auth, nc=00000001, cnonce="0a4f113b", response="${response}", algorithm=MD5\r\n`
    );
  }

  #send(phone: Phone, authorization: string): void {
    phone.cseq += 1;
    const host = `127.0.0.1:${this.#options.port}`;
    const aor = `<sip:${phone.user}@${host}>`;
    const text =
      `REGISTER sip:${host} SIP/2.0\r\n` +
      `Via: SIP/2.0/UDP 127.0.0.1:${this.#localPort};branch=z9hG4bKp${phone.index}c${phone.cseq};rport\r\n` +
      `Max-Forwards: 70\r\nFrom: ${aor};tag=t${phone.index}-${this.#localPort}\r\nTo: ${aor}\r\n` +
      // The port makes it another phone in every run: the same Call-ID with CSeq begun anew would be a merged request.
      `Call-ID: p${phone.index}-${this.#localPort}\r\nCSeq: ${phone.cseq} REGISTER\r\n` +
      `Contact: <sip:${phone.user}@127.0.0.1:${this.#localPort}>\r\nExpires: 3600\r\n` +
      `User-Agent: load\r\n${authorization}Content-Length: 0\r\n\r\n`;
    phone.pending = Buffer.from(text, 'latin1');
    this.#transmit(phone);
  }

  #transmit(phone: Phone): void {
    phone.sentAt = performance.now();
    if (phone.pending) this.#socket.send(phone.pending, this.#options.port, '127.0.0.1');
  }

  #retransmit(): void {
    const before = performance.now() - RETRANSMIT_AFTER_MS;
    for (const phone of this.#active.values()) {
      if (phone.sentAt > before) continue;
      this.#retransmissions += 1;
      this.#transmit(phone);
    }
  }
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

// rtpengine in user space, asked over its ng protocol to relay calls.
import { createSocket, type Socket } from 'node:dgram';
import { type Bencoded, decodeBencode, encodeBencode } from './bencode.ts';
import { findFreePorts } from './free-port.ts';
import { PeerProcess } from './peer-process.ts';
import { peerPath } from './require-peer.ts';

export interface RtpengineOptions {
  /** Ports for RTP and RTCP: four a call. */
  readonly rtpPorts: readonly [first: number, last: number];
  readonly threads?: number;
  readonly cpus?: string;
}

export async function startRtpengine(options: RtpengineOptions): Promise<Rtpengine> {
  const port = await findFreePorts(2);
  const child = new PeerProcess({
    command: peerPath('rtpengine'),
    args: [
      ...['--foreground', '--log-stderr', '--log-level=5', '--no-log-timestamps', '--config-file=none'],
      // No kernel module: every packet passes user space.
      ...['--table=-1', '--interface=127.0.0.1', `--listen-ng=127.0.0.1:${port}`],
      ...[`--port-min=${options.rtpPorts[0]}`, `--port-max=${options.rtpPorts[1]}`],
      `--num-threads=${options.threads ?? 1}`,
    ],
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
  });
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const rtpengine = new Rtpengine(child, socket, port);
  try {
    await rtpengine.waitUntilReady();
  } catch (error) {
    await rtpengine.stop();
    throw error;
  }
  return rtpengine;
}

/** Where one party of a call sends, by the SDP that rtpengine wrote. */
export interface RelayPorts {
  /** Port to which the caller sends. */
  readonly forCaller: number;
  /** Port to which the callee sends. */
  readonly forCallee: number;
}

const REQUEST_TIMEOUT_MS = 2_000;
const READY_TRIES = 50;

export class Rtpengine {
  readonly #child: PeerProcess;
  readonly #socket: Socket;
  readonly #port: number;
  readonly #pending = new Map<string, (answer: Bencoded) => void>();
  #cookie = 0;

  constructor(child: PeerProcess, socket: Socket, port: number) {
    this.#child = child;
    this.#socket = socket;
    this.#port = port;
    socket.on('message', (bytes) => {
      const space = bytes.indexOf(' ');
      const cookie = bytes.toString('latin1', 0, space);
      this.#pending.get(cookie)?.(decodeBencode(bytes.subarray(space + 1)));
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Sets up one call between two parties on 127.0.0.1 that speak PCMU. */
  async openCall(callId: string, parties: { callerPort: number; calleePort: number }): Promise<RelayPorts> {
    const common = { 'call-id': callId, 'from-tag': 'a', ICE: 'remove', replace: ['origin'] };
    const offer = await this.request({ command: 'offer', ...common, sdp: sdpFor(parties.callerPort) });
    const answer = await this.request({
      command: 'answer',
      ...common,
      'to-tag': 'b',
      sdp: sdpFor(parties.calleePort),
    });
    return { forCallee: portIn(offer), forCaller: portIn(answer) };
  }

  async closeCall(callId: string): Promise<void> {
    await this.request({ command: 'delete', 'call-id': callId, 'from-tag': 'a', 'delete-delay': 0 });
  }

  /** @throws Error where rtpengine refuses or does not answer */
  async request(message: {
    readonly [key: string]: Bencoded;
  }): Promise<{ readonly [key: string]: Bencoded }> {
    this.#cookie += 1;
    const cookie = `c${this.#cookie}`;
    const answered = new Promise<Bencoded>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`rtpengine did not answer ${JSON.stringify(message.command)}`));
      }, REQUEST_TIMEOUT_MS);
      this.#pending.set(cookie, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
    this.#socket.send(`${cookie} ${encodeBencode(message)}`, this.#port, '127.0.0.1');
    const answer = await answered.finally(() => this.#pending.delete(cookie));
    if (typeof answer !== 'object' || !('result' in answer))
      throw new Error('rtpengine answered no dictionary');
    if (answer.result !== 'ok' && answer.result !== 'pong') {
      throw new Error(`rtpengine refused: ${JSON.stringify(answer)}`);
    }
    return answer;
  }

  async waitUntilReady(): Promise<void> {
    for (let tries = 0; tries < READY_TRIES; tries += 1) {
      const isUp = await Promise.race([
        this.request({ command: 'ping' }).then(() => true),
        new Promise<boolean>((resolve) => setTimeout(resolve, 100, false)),
      ]).catch(() => false);
      if (isUp) return;
      if (this.#child.exit !== undefined) break;
    }
    throw new Error(`rtpengine does not start\n${this.#child.log.slice(-3000)}`);
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#child.stop();
  }
}

function sdpFor(port: number): string {
  const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  return [...lines, `m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=ptime:20', ''].join('\r\n');
}

function portIn(answer: { readonly [key: string]: Bencoded }): number {
  const port = /m=audio (\d+)/.exec(String(answer.sdp))?.[1];
  if (port === undefined) throw new Error(`rtpengine gave no SDP: ${JSON.stringify(answer)}`);
  return Number(port);
}

// baresip as a foreign phone, driven over its ctrl_tcp module.
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { addressFamily, formatHost } from '../../../core/index.ts';
import { type BaresipSettings, writeBaresipSettings } from './baresip-settings.ts';
import { findFreePorts } from './free-port.ts';
import { NetstringReader, toNetstring } from './netstring.ts';
import { PeerProcess } from './peer-process.ts';
import { readWav, type WavSound } from './recording.ts';
import { peerPath } from './require-peer.ts';
import { makeTempFolder, type TempFolder } from './temp-folder.ts';

/** An event as baresip names them: `REGISTER_OK`, `CALL_INCOMING`, `CALL_ESTABLISHED`, `CALL_CLOSED` … */
export interface BaresipEvent {
  readonly type: string;
  readonly param?: string;
  readonly peeruri?: string;
  readonly direction?: string;
}

export type BaresipOptions = Pick<BaresipSettings, 'account'> &
  Partial<Pick<BaresipSettings, 'address' | 'codecs' | 'sound'>>;

const RTP_PORTS_EACH = 40;

/** Starts a baresip with settings of its own, and resolves once it takes commands. */
export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const folder = makeTempFolder('baresip');
  // SIP takes two ports (TLS has the next one), control one.
  const firstPort = await findFreePorts(4 + RTP_PORTS_EACH);
  const settings: BaresipSettings = {
    address: options.address ?? '127.0.0.1',
    sipPort: firstPort,
    controlPort: firstPort + 2,
    rtpPorts: [firstPort + 4, firstPort + 3 + RTP_PORTS_EACH],
    sound: options.sound ?? 440,
    codecs: options.codecs ?? ['opus', 'pcmu', 'pcma'],
    account: options.account,
  };
  writeBaresipSettings(folder.path, settings);
  const child = new PeerProcess({ command: peerPath('baresip'), args: argsOf(settings, folder.path) });
  try {
    await child.waitForLog(/baresip is ready/);
    return new Baresip(child, folder, { settings, control: await connectTo(settings.controlPort) });
  } catch (error) {
    await child.stop();
    folder.remove();
    throw error;
  }
}

/** Without being told, it sees nothing but IPv4. */
function argsOf({ address }: BaresipSettings, folder: string): readonly string[] {
  return ['-f', folder, ...(addressFamily(address) === 6 ? ['-6'] : [])];
}

export class Baresip {
  readonly #child: PeerProcess;
  readonly #folder: TempFolder;
  readonly #control: Socket;
  readonly #settings: BaresipSettings;
  readonly #events: BaresipEvent[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #answers = new Map<string, (text: string) => void>();
  #token = 0;
  /** Events before this one have been waited for. */
  #seen = 0;

  constructor(
    child: PeerProcess,
    folder: TempFolder,
    connection: { settings: BaresipSettings; control: Socket },
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#settings = connection.settings;
    this.#control = connection.control;
    const reader = new NetstringReader();
    this.#control.on('data', (bytes: Buffer) => {
      for (const text of reader.push(bytes)) this.#take(text);
    });
    this.#control.on('error', () => undefined);
  }

  /** `sip:user@address:port`, where it is reached without a registrar. */
  get directUri(): string {
    const { account, address, sipPort } = this.#settings;
    return `sip:${account.user}@${formatHost(address)}:${sipPort}`;
  }

  /** First and last port from which it sends sound. */
  get rtpPorts(): readonly [first: number, last: number] {
    return this.#settings.rtpPorts;
  }

  get log(): string {
    return this.#child.log;
  }

  /** Resolves once its registrar has accepted it: its log says so even where that was before we could listen. */
  async registered(): Promise<void> {
    await this.#child.waitForLog(/\} 200 OK .*\[\d+ binding/);
  }

  /** Every event so far, oldest first. */
  get events(): readonly BaresipEvent[] {
    return this.#events;
  }

  /** Sends one command by its long name (`dial`, `accept`, `hangup`, `hold`, `resume` …). @returns its output */
  command(name: string, parameters = ''): Promise<string> {
    this.#token += 1;
    const token = `${this.#token}`;
    this.#control.write(toNetstring(JSON.stringify({ command: name, params: parameters, token })));
    return new Promise((resolve) => this.#answers.set(token, resolve));
  }

  /** RTP packets of the current call that it received so far. */
  async receivedPackets(): Promise<number> {
    const text = await this.command('audio_debug');
    return Number(/rcvd=(\d+)/.exec(text)?.[1] ?? 0);
  }

  dial(uri: string): void {
    void this.command('dial', uri);
  }

  /**
   * The next event of this type since the last one waited for. The ones between are passed over.
   *
   * @param timeoutMs - rejects with the events and the log's end
   */
  waitFor(type: string, timeoutMs = 15_000): Promise<BaresipEvent> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(check);
      };
      const check = (): void => {
        const index = this.#events.findIndex((event, i) => i >= this.#seen && event.type === type);
        const event = this.#events[index];
        if (!event) return;
        this.#seen = index + 1;
        finish();
        resolve(event);
      };
      const timer = setTimeout(() => {
        finish();
        const types = this.#events.map((event) => `${event.type} ${event.param ?? ''}`).join('\n');
        reject(
          new Error(`baresip: no ${type} within ${timeoutMs} ms\n${types}\n${this.#child.log.slice(-3000)}`),
        );
      }, timeoutMs);
      this.#watchers.add(check);
      check();
    });
  }

  /**
   * What it heard, a sound for each call, oldest first. The recorder (module sndfile) stops for good at a hold, and
   * so does an `echo`: what comes after one is seen in {@link Baresip.receivedPackets}.
   */
  heard(): WavSound[] {
    return readdirSync(this.#folder.path)
      .filter((name) => name.startsWith('dump-') && name.endsWith('-dec.wav'))
      .sort()
      .map((name) => readWav(join(this.#folder.path, name)));
  }

  async stop(): Promise<void> {
    this.#control.destroy();
    await this.#child.stop();
    this.#folder.remove();
  }

  #take(text: string): void {
    // Cast: baresip's own JSON, an event or the answer to a command.
    const message = JSON.parse(text) as Partial<BaresipEvent & { token: string; data: string }>;
    if (message.token !== undefined) {
      this.#answers.get(message.token)?.(message.data ?? '');
      this.#answers.delete(message.token);
    }
    if (message.type === undefined) return;
    this.#events.push({ ...message, type: message.type });
    for (const watcher of [...this.#watchers]) watcher();
  }
}

function connectTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

// An ICE path that finds what a test says.
import type { Endpoint, UdpSocket } from '../../../core/index.ts';
import type { ComponentId, IceDescription, IcePath, IceState, SelectedPath } from '../../../nat/index.ts';

export const HOST: Endpoint = { address: '10.0.0.2', port: 4000 };
export const OUTSIDE: Endpoint = { address: '203.0.113.1', port: 61_000 };

export class FakePath implements IcePath {
  state: IceState = 'new';
  readonly gathered = Promise.resolve();
  readonly closed = Promise.resolve();
  readonly counters = { unsent: 0, unexpected: 0 };
  silentServers: readonly string[] = [];
  onData: IcePath['onData'];
  onSelected: IcePath['onSelected'];
  onState: IcePath['onState'];
  onCandidate: IcePath['onCandidate'];
  readonly remotes: IceDescription[] = [];
  /** What was sent, and where to without a path. */
  readonly sent: { readonly bytes: Uint8Array; readonly fallback: Endpoint | undefined }[] = [];
  probes = 0;
  isClosed = false;
  #generation = 1;
  #selected: SelectedPath | undefined;

  get local(): IceDescription {
    const generation = String(this.#generation).padStart(4, '0');
    return {
      credentials: { ufrag: `u${generation}`, password: `password0000000000${generation}` },
      candidates: [{ foundation: '1', component: 1, priority: 2_130_706_431, endpoint: HOST, type: 'host' }],
    };
  }

  defaultCandidate(): Endpoint {
    return HOST;
  }

  selected(): SelectedPath | undefined {
    return this.#selected;
  }

  setRemote(description: IceDescription): void {
    this.remotes.push(description);
  }

  forgetRemote(): void {
    this.select(undefined);
    this.state = 'new';
  }

  restart(): void {
    this.#generation += 1;
  }

  async renew(): Promise<void> {
    this.restart();
  }

  probe(): void {
    this.probes += 1;
  }

  send(_component: ComponentId, bytes: Uint8Array, fallback: Endpoint | undefined): void {
    this.sent.push({ bytes, fallback });
  }

  close(): void {
    this.isClosed = true;
  }

  /** Finds a path, or loses the one there was. */
  select(remote: Endpoint | undefined): void {
    const local = OUTSIDE;
    const types = { localType: 'serverReflexive', remoteType: 'host' } as const;
    this.#selected = remote && { component: 1, base: 0, local, remote, ...types, roundTripMs: 20 };
    this.state = remote ? 'connected' : 'disconnected';
    if (this.#selected) this.onSelected?.(this.#selected);
    this.onState?.(this.state);
  }
}

export class FakeSocket implements UdpSocket {
  onDatagram: UdpSocket['onDatagram'];
  onError: UdpSocket['onError'];
  readonly sent: { readonly bytes: Uint8Array; readonly address: string; readonly port: number }[] = [];
  isClosed = false;
  readonly local: Endpoint;

  constructor(local: Endpoint) {
    this.local = local;
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    this.sent.push({ bytes, address, port });
  }

  close(): void {
    this.isClosed = true;
  }
}

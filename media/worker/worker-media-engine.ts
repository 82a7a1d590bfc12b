// The media engine over worker threads: legs of one call share a worker, calls are spread over all of them.
import { Emitter, type LogLevel, OperationError } from '../../core/index.ts';
import type {
  LegReport,
  MediaEngine,
  MediaEngineEvents,
  MediaEngineOptions,
  OpenedLeg,
  OpenLegOptions,
  PlayFileOptions,
  RemoteMedia,
  ToneName,
} from '../engine/index.ts';
import { DEFAULT_PORT_RANGE, type PortRange } from '../engine/index.ts';
import { MediaWorker } from './media-worker.ts';
import type { MediaSockets, RemoteEventName, RemoteMethod } from './protocol.ts';

export interface WorkerMediaEngineOptions extends MediaEngineOptions {
  /** Threads; each gets an equal share of the ports. */
  readonly workers: number;
  readonly logLevel?: LogLevel;
  /** `auto` where not given. */
  readonly sockets?: MediaSockets;
}

interface RemoteLeg {
  readonly worker: MediaWorker;
  /** The leg's number in its worker. */
  readonly legId: number;
}

export class WorkerMediaEngine extends Emitter<MediaEngineEvents> implements MediaEngine {
  readonly #workers: readonly MediaWorker[];
  readonly #legs = new Map<number, RemoteLeg>();
  /** Number here by worker and number there. */
  readonly #ids = new Map<MediaWorker, Map<number, number>>();
  #lastLegId = 0;

  /** @throws OperationError `MEDIA_FAILED` where a thread cannot start */
  static async start(options: WorkerMediaEngineOptions): Promise<WorkerMediaEngine> {
    const engine = new WorkerMediaEngine(options);
    try {
      await Promise.all(engine.#workers.map((worker) => worker.ready));
    } catch (error) {
      // One that cannot start leaves nothing behind of the others.
      await engine.close();
      throw error;
    }
    return engine;
  }

  private constructor(options: WorkerMediaEngineOptions) {
    super();
    const { workers, logLevel = 'silent', sockets = 'auto', ports = DEFAULT_PORT_RANGE, ...rest } = options;
    this.#workers = splitPorts(ports, workers).map((share) => {
      const worker: MediaWorker = new MediaWorker(
        { engine: { ...rest, ports: share }, logLevel, sockets },
        {
          onEvent: (name, payload) => this.#handleEvent(worker, name, payload),
          onLegsFailed: (legIds, reason) => this.#handleFailure(worker, legIds, reason),
          onDeath: (reason) => this.#handleDeath(worker, reason),
        },
      );
      this.#ids.set(worker, new Map());
      return worker;
    });
  }

  async openLeg(options: OpenLegOptions): Promise<OpenedLeg> {
    const worker = this.#workerFor(options.callKey);
    // The cast: the port carries what the worker's engine returned, of this very type.
    const opened = (await worker.call('openLeg', [options])) as OpenedLeg;
    this.#lastLegId += 1;
    const legId = this.#lastLegId;
    this.#legs.set(legId, { worker, legId: opened.legId });
    this.#ids.get(worker)?.set(opened.legId, legId);
    return { ...opened, legId };
  }

  async setRemote(legId: number, remote: RemoteMedia): Promise<void> {
    await this.#call(legId, 'setRemote', remote);
  }

  async connect(legA: number, legB: number): Promise<void> {
    const [a, b] = [this.#leg(legA), this.#leg(legB)];
    if (a.worker !== b.worker) {
      throw new OperationError(
        'MEDIA_FAILED',
        'the legs of a call must have been opened with the same callKey',
      );
    }
    await a.worker.call('connect', [a.legId, b.legId]);
  }

  async disconnect(legId: number): Promise<void> {
    await this.#call(legId, 'disconnect');
  }

  async echo(legId: number): Promise<void> {
    await this.#call(legId, 'echo');
  }

  async playTone(legId: number, tone: ToneName): Promise<void> {
    await this.#call(legId, 'playTone', tone);
  }

  async playFile(legId: number, file: PlayFileOptions): Promise<void> {
    await this.#call(legId, 'playFile', file);
  }

  async stopPlaying(legId: number): Promise<void> {
    await this.#call(legId, 'stopPlaying');
  }

  async sendDigits(legId: number, digits: string): Promise<void> {
    await this.#call(legId, 'sendDigits', digits);
  }

  async report(legId: number): Promise<LegReport> {
    // The cast: see openLeg.
    const report = (await this.#call(legId, 'report')) as LegReport;
    return { ...report, legId };
  }

  async closeLeg(legId: number): Promise<LegReport> {
    const closed = this.#call(legId, 'closeLeg');
    const leg = this.#legs.get(legId);
    this.#legs.delete(legId);
    if (leg) this.#ids.get(leg.worker)?.delete(leg.legId);
    // The cast: see openLeg.
    return { ...((await closed) as LegReport), legId };
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
    this.#legs.clear();
  }

  #leg(legId: number): RemoteLeg {
    const leg = this.#legs.get(legId);
    if (!leg) throw new OperationError('MEDIA_LEG_UNKNOWN', `there is no leg ${legId}, or it was closed`);
    return leg;
  }

  async #call(legId: number, method: RemoteMethod, ...args: readonly unknown[]): Promise<unknown> {
    const leg = this.#leg(legId);
    return leg.worker.call(method, [leg.legId, ...args]);
  }

  /** The same worker for the same key, whichever it is; a dead one is passed over. */
  #workerFor(callKey: string): MediaWorker {
    const alive = this.#workers.filter((worker) => !worker.isDead);
    let hash = 0;
    for (let i = 0; i < callKey.length; i += 1) hash = (Math.imul(hash, 31) + callKey.charCodeAt(i)) | 0;
    const worker = alive[(hash >>> 0) % Math.max(1, alive.length)];
    if (!worker) throw new OperationError('MEDIA_FAILED', 'no media worker is alive');
    return worker;
  }

  #handleEvent(worker: MediaWorker, name: RemoteEventName, payload: object): void {
    const remoteId = 'legId' in payload ? payload.legId : undefined;
    const legId = typeof remoteId === 'number' ? this.#ids.get(worker)?.get(remoteId) : undefined;
    if (legId === undefined) return;
    // The cast: the worker sends the payload that belongs to the name.
    this.emit(name, { ...payload, legId } as MediaEngineEvents[typeof name] & {
      digit: string;
      durationMs: number;
    });
  }

  #handleDeath(worker: MediaWorker, reason: string): void {
    this.#handleFailure(worker, [...(this.#ids.get(worker)?.keys() ?? [])], reason);
  }

  /** @param remoteIds - numbers in the worker of legs that are gone */
  #handleFailure(worker: MediaWorker, remoteIds: readonly number[], reason: string): void {
    const ids = this.#ids.get(worker);
    const legIds = remoteIds.map((remoteId) => ids?.get(remoteId)).filter((legId) => legId !== undefined);
    for (const remoteId of remoteIds) ids?.delete(remoteId);
    for (const legId of legIds) this.#legs.delete(legId);
    this.emit('failed', { legIds, reason });
  }
}

function splitPorts({ first, last }: PortRange, workers: number): readonly PortRange[] {
  // Whole pairs for each.
  const share = 2 * Math.max(1, Math.floor((last - first + 1) / 2 / workers));
  return Array.from({ length: workers }, (_, index) => ({
    first: first + index * share,
    last: index === workers - 1 ? last : first + (index + 1) * share - 1,
  }));
}

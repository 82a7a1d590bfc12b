// The media engine over worker threads: legs of one call share a worker, calls are spread over all of them.
import { Emitter, type LogLevel, OperationError, type ThreadSockets } from '../../core/index.ts';
import type {
  MemberSettings,
  OpenedRoom,
  OpenRoomOptions,
  RoomReport,
  RoomSound,
} from '../conference/index.ts';
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
import type {
  RecordingNote,
  RecordingOptions,
  RecordingReport,
  RecordingTarget,
  StartedRecording,
} from '../recording/types.ts';
import { mapIds } from './map-ids.ts';
import { MediaWorker } from './media-worker.ts';
import type { RemoteEventName, RemoteMethod } from './protocol.ts';
import { type Remote, RemoteIds } from './remote-ids.ts';

export interface WorkerMediaEngineOptions extends MediaEngineOptions {
  /** Threads; each gets an equal share of the ports. */
  readonly workers: number;
  readonly logLevel?: LogLevel;
  /** `auto` where not given. */
  readonly sockets?: ThreadSockets;
}

export class WorkerMediaEngine extends Emitter<MediaEngineEvents> implements MediaEngine {
  readonly #workers: readonly MediaWorker[];
  readonly #legs = new RemoteIds();
  readonly #rooms = new RemoteIds();
  readonly #recordings = new RemoteIds();

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
      return worker;
    });
  }

  async openLeg(options: OpenLegOptions): Promise<OpenedLeg> {
    const worker = this.#workerFor(options.callKey);
    // The cast: the port carries what the worker's engine returned, of this very type.
    const opened = (await worker.call('openLeg', [options])) as OpenedLeg;
    return { ...opened, legId: this.#legs.add(worker, opened.legId) };
  }

  async setRemote(legId: number, remote: RemoteMedia): Promise<void> {
    await this.#call(legId, 'setRemote', remote);
  }

  async connect(legA: number, legB: number): Promise<void> {
    const [a, b] = [this.#leg(legA), this.#leg(legB)];
    checkWorker(a, b, 'the legs of a call');
    await a.worker.call('connect', [a.remoteId, b.remoteId]);
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
    this.#legs.delete(legId);
    // The cast: see openLeg.
    return { ...((await closed) as LegReport), legId };
  }

  async openRoom(options: OpenRoomOptions): Promise<OpenedRoom> {
    const worker = this.#workerFor(options.callKey);
    // The cast: see openLeg.
    const opened = (await worker.call('openRoom', [options])) as OpenedRoom;
    return { roomId: this.#rooms.add(worker, opened.roomId) };
  }

  async closeRoom(roomId: number): Promise<void> {
    const closed = this.#callRoom(roomId, 'closeRoom');
    this.#rooms.delete(roomId);
    await closed;
  }

  async joinRoom(legId: number, roomId: number, settings: Partial<MemberSettings> = {}): Promise<void> {
    const [leg, room] = [this.#leg(legId), this.#room(roomId)];
    checkWorker(leg, room, 'a room and the legs that join it');
    await leg.worker.call('joinRoom', [leg.remoteId, room.remoteId, settings]);
  }

  async setMember(legId: number, changes: Partial<MemberSettings>): Promise<void> {
    await this.#call(legId, 'setMember', changes);
  }

  async playInRoom(roomId: number, sound: RoomSound): Promise<void> {
    await this.#callRoom(roomId, 'playInRoom', sound);
  }

  async roomReport(roomId: number): Promise<RoomReport> {
    const { worker } = this.#room(roomId);
    // The cast: see openLeg.
    const report = (await this.#callRoom(roomId, 'roomReport')) as RoomReport;
    // A member may have been closed while the report was on its way.
    const members = report.members.flatMap((member) => {
      const legId = this.#legs.idOf(worker, member.legId);
      return legId === undefined ? [] : [{ ...member, legId }];
    });
    return { ...report, roomId, members };
  }

  async startRecording(target: RecordingTarget, options: RecordingOptions): Promise<StartedRecording> {
    const isRoom = 'roomId' in target;
    const remotes = isRoom ? [this.#room(target.roomId)] : target.legIds.map((legId) => this.#leg(legId));
    const [first] = remotes;
    if (!first) throw new OperationError('RECORDING_UNUSABLE', 'no legs are named that could be recorded');
    for (const remote of remotes) checkWorker(first, remote, 'the legs of a recording');
    const remoteIds = remotes.map(({ remoteId }) => remoteId);
    const remoteTarget = isRoom ? { roomId: first.remoteId } : { legIds: remoteIds };
    // The cast: see openLeg.
    const started = (await first.worker.call('startRecording', [remoteTarget, options])) as StartedRecording;
    return { ...started, recordingId: this.#recordings.add(first.worker, started.recordingId) };
  }

  async stopRecording(recordingId: number): Promise<RecordingReport> {
    const { worker, remoteId } = this.#recording(recordingId);
    this.#recordings.delete(recordingId);
    // The cast: see openLeg.
    return { ...((await worker.call('stopRecording', [remoteId])) as RecordingReport), recordingId };
  }

  async noteInRecording(recordingId: number, note: RecordingNote): Promise<void> {
    const { worker, remoteId } = this.#recording(recordingId);
    const of = note.legId === undefined ? {} : { legId: this.#leg(note.legId).remoteId };
    await worker.call('noteInRecording', [remoteId, { ...note, ...of }]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
    this.#legs.clear();
    this.#rooms.clear();
    this.#recordings.clear();
  }

  #leg(legId: number): Remote {
    const leg = this.#legs.get(legId);
    if (!leg) throw new OperationError('MEDIA_LEG_UNKNOWN', `there is no leg ${legId}, or it was closed`);
    return leg;
  }

  #room(roomId: number): Remote {
    const room = this.#rooms.get(roomId);
    if (!room) throw new OperationError('MEDIA_ROOM_UNKNOWN', `there is no room ${roomId}, or it was closed`);
    return room;
  }

  #recording(recordingId: number): Remote {
    const recording = this.#recordings.get(recordingId);
    if (recording) return recording;
    throw new OperationError(
      'RECORDING_UNKNOWN',
      `there is no recording ${recordingId}, or it was stopped already`,
    );
  }

  async #callRoom(roomId: number, method: RemoteMethod, ...args: readonly unknown[]): Promise<unknown> {
    const room = this.#room(roomId);
    return room.worker.call(method, [room.remoteId, ...args]);
  }

  async #call(legId: number, method: RemoteMethod, ...args: readonly unknown[]): Promise<unknown> {
    const leg = this.#leg(legId);
    return leg.worker.call(method, [leg.remoteId, ...args]);
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
    // The cast: the worker sends the payload that belongs to the name; what is of a leg or a room that is gone is dropped.
    const told = mapIds(payload, {
      leg: (remoteId) => this.#legs.idOf(worker, remoteId),
      room: (remoteId) => this.#rooms.idOf(worker, remoteId),
      recording: (remoteId) => this.#recordings.idOf(worker, remoteId),
    }) as MediaEngineEvents[typeof name] | undefined;
    if (told) this.emit(name, told as never);
  }

  #handleDeath(worker: MediaWorker, reason: string): void {
    for (const roomId of this.#rooms.idsIn(worker)) this.#rooms.delete(roomId);
    for (const recordingId of this.#recordings.idsIn(worker)) this.#recordings.delete(recordingId);
    this.#endLegs(this.#legs.idsIn(worker), reason);
  }

  /** @param remoteIds - numbers in the worker of legs that are gone */
  #handleFailure(worker: MediaWorker, remoteIds: readonly number[], reason: string): void {
    const legIds = remoteIds.map((remoteId) => this.#legs.idOf(worker, remoteId));
    this.#endLegs(
      legIds.filter((legId) => legId !== undefined),
      reason,
    );
  }

  #endLegs(legIds: readonly number[], reason: string): void {
    for (const legId of legIds) this.#legs.delete(legId);
    this.emit('failed', { legIds, reason });
  }
}

function checkWorker(a: Remote, b: Remote, what: string): void {
  if (a.worker === b.worker) return;
  throw new OperationError('MEDIA_FAILED', `${what} must have been opened with the same callKey`);
}

function splitPorts({ first, last }: PortRange, workers: number): readonly PortRange[] {
  // Whole pairs for each.
  const share = 2 * Math.max(1, Math.floor((last - first + 1) / 2 / workers));
  return Array.from({ length: workers }, (_, index) => ({
    first: first + index * share,
    last: index === workers - 1 ? last : first + (index + 1) * share - 1,
  }));
}

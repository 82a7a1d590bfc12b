// The phone system: puts the rooms together, and takes them apart again.
import { createLog, createNodeRuntime, Emitter, messageOf, type Runtime } from '../core/index.ts';
import { loadCodecs, type MediaEngine } from '../media/index.ts';
import {
  type AlternateEndpoints,
  type RunningTurnServer,
  startTurnServer,
  startTurnWorker,
  type TurnCounters,
  type TurnListening,
  type TurnServerOptions,
} from '../nat/index.ts';
import type { IncomingRequest, SipEndpoint } from '../signaling/index.ts';
import { applyConfiguredUsers, settleRealm } from './accounts/index.ts';
import { AdvertisedAddresses, doubtAbout, OwnAddresses } from './addresses/index.ts';
import { type Assembly, assemble, type Parts } from './assembly.ts';
import { SERVER_CAPABILITY_HEADERS } from './capabilities.ts';
import { type Configuration, checkConfiguration } from './config/index.ts';
import { listeningTexts, openEndpoint, sipPlacesOf } from './listen.ts';
import { openMediaWorkers } from './media.ts';
import type { ServerOptions, ServerSurroundings } from './options.ts';
import type { PhoneReport } from './quality/index.ts';
import type { RoomEvent, RoomHandle, RoomState } from './room/index.ts';
import { type CallRecord, DataFolderLock, SqliteStore } from './store/index.ts';
import { openTurn, type TurnDesk } from './turn/index.ts';

/** How long a server in this process may stand still for a command that writes to the same store. */
const BUSY_WAIT_MS = 50;

export interface ServerEvents {
  /** A call is over, and this is its record. It is on disk about a second later. */
  record: CallRecord;
  /** A phone said how good a call of its own was (RFC 6035), most often just after that call's `record`. */
  phoneReport: { readonly uniqueid: string; readonly report: PhoneReport };
  /** Something happened in a conference room. */
  room: RoomEvent;
}

/** Sizes of what lives: all zero (bindings aside) when nobody calls. */
export interface ServerCounts {
  readonly calls: number;
  /** Conference rooms with somebody in them. */
  readonly rooms: number;
  readonly sessions: number;
  readonly transactions: number;
  readonly bindings: number;
  readonly nonces: number;
  /** Changes that wait for the store. */
  readonly unwritten: number;
}

/** A running phone system. Whoever created it closes it. */
export interface PatchcordServer extends Emitter<ServerEvents> {
  /** The bound sockets, with real ports where 0 was asked for. */
  readonly listening: SipEndpoint['listening'];
  /** The same of STUN and TURN. */
  readonly turnListening: TurnListening;
  /** By which of these `patchcord nat` finds out all about a NAT; without any, what ports alone can tell. */
  readonly turnAlternates: readonly AlternateEndpoints[];
  readonly realm: string;
  readonly counts: ServerCounts;
  /** What STUN and TURN did; undefined where they are off. */
  turnCounters(): Promise<TurnCounters | undefined>;
  /** Conference rooms with somebody in them. */
  rooms(): readonly RoomState[];
  /** Controls a conference room, with the rights of a moderator. */
  room(name: string): RoomHandle;
  /** Call records, the latest first; those of the last second included. */
  records(limit?: number): readonly CallRecord[];
  /** One of them, by its uniqueid or the beginning of a SIP Call-ID of either party. */
  record(id: string): CallRecord | undefined;
  /**
   * Refuses new calls with 503, waits for the live ones, ends those that are left after the limit, and closes.
   *
   * Doing it again with a shorter limit, 0 for instance, hurries it.
   *
   * @param limitMs - `drainSeconds` where not given
   */
  drain(limitMs?: number): Promise<void>;
  /** Ends all calls and gives everything back. Doing it twice is harmless. */
  close(): Promise<void>;
}

/**
 * Starts a phone system.
 *
 * @throws UsageError where the configuration is wrong, a port is taken, or the data folder cannot be used or has another server
 */
export async function createServer(options: ServerOptions = {}): Promise<PatchcordServer> {
  const { runtime, store, openMedia, ...input } = options;
  const configuration = checkConfiguration(input, (path) => `createServer: ${path.join('.')}`);
  return startServer(configuration, {
    ...(runtime ? { runtime } : {}),
    ...(store ? { store } : {}),
    ...(openMedia ? { openMedia } : {}),
  });
}

/** Starts a phone system from a configuration that was checked: see {@link createServer}. */
export async function startServer(
  configuration: Configuration,
  surroundings: ServerSurroundings = {},
): Promise<PatchcordServer> {
  const { dataFolder, log } = configuration;
  const runtime = surroundings.runtime ?? createNodeRuntime({ log: createLog(log) });
  const store = surroundings.store ?? SqliteStore.open({ dataFolder, busyWaitMs: BUSY_WAIT_MS });
  let lock: DataFolderLock | undefined;
  let endpoint: SipEndpoint | undefined;
  let media: MediaEngine | undefined;
  let turn: TurnDesk | undefined;
  try {
    // Before anything is written: two servers would overwrite each other's bindings and close each other's records.
    if (!surroundings.store) lock = DataFolderLock.take(dataFolder);
    const realm = settleRealm(store, configuration.realm);
    applyConfiguredUsers(store, configuration.users, realm);
    const { codecs: names, opusEngine } = configuration.media;
    const codecs = await loadCodecs({ log: runtime.log, names, opusEngine });
    media = await openMedia(runtime, configuration, surroundings);
    const sip = sipPlacesOf(configuration);
    const own = new OwnAddresses(runtime);
    const advertised = advertisedOf(configuration, own);
    const start = turnStarter(runtime, configuration, surroundings);
    turn = await openTurn({ runtime, configuration, store, advertised, sip, start });
    // Those of SIP come last: from their first moment on there must be somebody who answers.
    endpoint = await openEndpoint(runtime, configuration, advertised);
    warnOfDoubts({ runtime, own, advertised, endpoint });
    // Only now: a server that finds the port taken must not close the records of the one that has it.
    store.write([{ kind: 'closeAbandoned', lastKnownAlive: Number(store.setting('aliveAt') ?? 0) }]);
    const opened = { store, lock, media, codecs, endpoint, turn };
    return new RunningServer({ runtime, configuration, realm, own, advertised, ...opened });
  } catch (error) {
    endpoint?.close();
    await turn?.close();
    await media?.close();
    store.close();
    lock?.release();
    throw error;
  }
}

function advertisedOf(configuration: Configuration, own: OwnAddresses): AdvertisedAddresses {
  const { advertisedAddress: addresses, insideNetworks } = configuration;
  return new AdvertisedAddresses({ addresses, insideNetworks, localNetworks: () => own.networks });
}

function warnOfDoubts(parts: Pick<Parts, 'runtime' | 'own' | 'advertised' | 'endpoint'>): void {
  const { runtime, own, advertised, endpoint } = parts;
  const listening = endpoint.listening.map(({ local }) => local);
  for (const address of advertised.all) {
    const doubt = doubtAbout(address, { own: own.all, networks: own.networks, listening });
    if (doubt !== undefined) runtime.log.warn({ address }, doubt);
  }
}

async function openMedia(
  runtime: Runtime,
  configuration: Configuration,
  surroundings: ServerSurroundings,
): Promise<MediaEngine> {
  const { ports, inactivitySeconds, workers, sockets, opusEngine } = configuration.media;
  const options = { ports, workers, sockets, opusEngine, inactivityMs: inactivitySeconds * 1000 };
  return surroundings.openMedia?.(runtime, options) ?? openMediaWorkers(options, configuration.log);
}

/** Relays beside the signaling in a thread of their own, but where the whole server runs on another clock. */
function turnStarter(
  runtime: Runtime,
  { log, media: { sockets } }: Configuration,
  surroundings: ServerSurroundings,
): (options: TurnServerOptions) => Promise<RunningTurnServer> {
  if (surroundings.runtime) return (options) => startTurnServer(runtime, options);
  return (options) => startTurnWorker(runtime, { ...options, sockets, logLevel: log });
}

class RunningServer extends Emitter<ServerEvents> implements PatchcordServer {
  readonly realm: string;
  readonly #parts: Parts;
  readonly #assembly: Assembly;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    super();
    this.#parts = parts;
    this.realm = parts.realm;
    this.#assembly = assemble(parts, {
      onRecord: (record) => this.emit('record', record),
      onPhoneReport: (uniqueid, report) => this.emit('phoneReport', { uniqueid, report }),
      onRoomEvent: (event) => this.emit('room', event),
    });
    const { userAgent, screen, calls } = this.#assembly;
    userAgent.on('invite', ({ session, flow }) => {
      const user = screen.userOf(session.invite);
      if (user) calls.handleInvite({ session, flow, user });
      // Cannot come to pass while the screen sees every INVITE: but then nobody unknown must call.
      else session.reject(403);
    });
    userAgent.on('request', (request) => this.#handleRequest(request));
    const { runtime, endpoint, realm } = parts;
    runtime.log.info({ listening: listeningTexts(endpoint), realm }, 'server started');
  }

  get listening(): SipEndpoint['listening'] {
    return this.#parts.endpoint.listening;
  }

  get turnListening(): TurnListening {
    return this.#parts.turn.listening;
  }

  get turnAlternates(): readonly AlternateEndpoints[] {
    return this.#parts.turn.alternates;
  }

  turnCounters(): Promise<TurnCounters | undefined> {
    return this.#parts.turn.report();
  }

  get counts(): ServerCounts {
    const { calls, rooms, userAgent, registrations, screen, journal } = this.#assembly;
    return {
      calls: calls.callCount,
      rooms: rooms.roomCount,
      sessions: userAgent.sessionCount,
      transactions: this.#parts.endpoint.transactionCount,
      bindings: registrations.bindingCount,
      nonces: screen.nonceCount,
      unwritten: journal.waitingCount,
    };
  }

  rooms(): readonly RoomState[] {
    return this.#assembly.rooms.states;
  }

  room(name: string): RoomHandle {
    return this.#assembly.rooms.handle(name);
  }

  records(limit = 100): readonly CallRecord[] {
    this.#assembly.journal.flush();
    return this.#parts.store.records(limit);
  }

  record(id: string): CallRecord | undefined {
    this.#assembly.journal.flush();
    return this.#parts.store.record(id);
  }

  drain(limitMs = this.#parts.configuration.drainSeconds * 1000): Promise<void> {
    this.#parts.runtime.log.info({ calls: this.#assembly.calls.callCount, limitMs }, 'draining');
    return this.#shutDown(limitMs);
  }

  close(): Promise<void> {
    return this.#shutDown(0);
  }

  #handleRequest(incoming: IncomingRequest): void {
    const { request, respond } = incoming;
    const { screen, registrations, quality } = this.#assembly;
    if (request.method === 'REGISTER' || request.method === 'PUBLISH') {
      const user = screen.userOf(request);
      if (!user) respond(403);
      else if (request.method === 'REGISTER') registrations.handleRegister(incoming, user);
      else quality.phoneReports.handlePublish(incoming, user);
      return;
    }
    respond(request.method === 'OPTIONS' ? 200 : 405, { headers: SERVER_CAPABILITY_HEADERS });
  }

  /** The first call of either kind does it; a later one with less patience ends the calls that it still waits for. */
  #shutDown(limitMs: number): Promise<void> {
    if (this.#closing) void this.#assembly.calls.drain(limitMs);
    this.#closing ??= this.#takeApart(limitMs);
    return this.#closing;
  }

  async #takeApart(limitMs: number): Promise<void> {
    const { media, store, lock, runtime, turn } = this.#parts;
    const { screen, calls, userAgent, registrations, journal, quality } = this.#assembly;
    screen.drain();
    await calls.drain(limitMs);
    this.#assembly.keepAlive.close();
    quality.end();
    // Now: whoever is in a hurry does not wait until a phone that is gone would have answered its BYE.
    journal.flush();
    await userAgent.close();
    await turn.close();
    await media.close().catch((error: unknown) => {
      runtime.log.warn({ error: messageOf(error) }, 'the media engine did not close');
    });
    registrations.close();
    screen.close();
    this.#assembly.hep?.close();
    journal.end();
    store.close();
    lock?.release();
    runtime.log.info({}, 'server stopped');
  }
}

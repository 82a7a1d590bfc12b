// Joins the parts of a running server to each other.
import { join } from 'node:path';
import type { Runtime } from '../core/index.ts';
import type { CodecRegistry, MediaEngine } from '../media/index.ts';
import {
  plainFormat,
  type SipEndpoint,
  SipUserAgent,
  TELEPHONE_EVENT,
  withRedundancy,
} from '../signaling/index.ts';
import { Accounts } from './accounts/index.ts';
import { type AdvertisedAddresses, MediaAddresses, type OwnAddresses } from './addresses/index.ts';
import { type CallHandler, type CallSettings, createCallHandler } from './call/index.ts';
import type { Configuration } from './config/index.ts';
import { HepExporter } from './hep/index.ts';
import { LocalHosts } from './local-hosts.ts';
import { NatKeepAlive } from './nat-keep-alive.ts';
import { CallQuality, Collector, type PhoneReport } from './quality/index.ts';
import { Recorder, type RecordingSettings } from './recording/index.ts';
import { Registrations } from './registrations.ts';
import { type RoomEvent, Rooms } from './room/index.ts';
import { Screen } from './screen.ts';
import { type CallRecord, type DataFolderLock, type Store, StoreJournal } from './store/index.ts';
import { answerStunOn } from './stun-on-sip.ts';
import type { TurnDesk } from './turn/index.ts';

/** What was opened for one server. The server closes it all. */
export interface Parts {
  readonly runtime: Runtime;
  readonly configuration: Configuration;
  readonly realm: string;
  /** Those of this machine, and how others reach it. */
  readonly own: OwnAddresses;
  readonly advertised: AdvertisedAddresses;
  readonly store: Store;
  /** Undefined where the store is not in the data folder. */
  readonly lock: DataFolderLock | undefined;
  readonly media: MediaEngine;
  readonly codecs: CodecRegistry;
  readonly endpoint: SipEndpoint;
  readonly turn: TurnDesk;
}

/** What one server is made of, beside what was opened for it. */
export interface Assembly {
  readonly journal: StoreJournal;
  readonly registrations: Registrations;
  readonly keepAlive: NatKeepAlive;
  readonly screen: Screen;
  readonly userAgent: SipUserAgent;
  readonly calls: CallHandler;
  readonly quality: CallQuality;
  /** Where a Homer server is configured. */
  readonly hep: HepExporter | undefined;
  readonly rooms: Rooms;
}

/** What a server tells of while it runs. */
export interface Told {
  /** A call is over. */
  onRecord(record: CallRecord): void;
  /** A phone reported on its call. */
  onPhoneReport(uniqueid: string, report: PhoneReport): void;
  onRoomEvent(event: RoomEvent): void;
}

export function assemble(parts: Parts, told: Told): Assembly {
  const { runtime, configuration, realm, store, media, endpoint, turn } = parts;
  const { domains, digest } = configuration;
  const { own, advertised } = parts;
  const hosts = new LocalHosts(own, [realm, ...advertised.all, ...domains]);
  const isLocalHost = (host: string) => hosts.isLocal(host);
  const journal = new StoreJournal(runtime, store);
  const registrations = new Registrations({ runtime, journal, isLocalHost, turn });
  registrations.attach(endpoint);
  const onRemoved = (name: string) => registrations.removeUser(name);
  const accounts = new Accounts({ runtime, store, journal, onRemoved });
  const screen = new Screen({ runtime, accounts, realm, algorithms: digest, isLocalHost });
  const userAgent = new SipUserAgent(runtime, endpoint, {
    screen: (request, flow) => screen.screen(request, flow),
    supported: ['path'],
  });
  answerStunOn(runtime, endpoint);
  const keepAlive = new NatKeepAlive({ runtime, userAgent, realm });
  registrations.onChanges = (changes) => keepAlive.handleChanges(changes);
  keepAlive.handleChanges(registrations.bindings().map((binding) => ({ kind: 'put', binding })));
  const hep = configuration.hep && new HepExporter(runtime, configuration.hep, { endpoint, realm });
  const quality = new CallQuality({
    runtime,
    store,
    journal,
    reporters: [...(hep ? [hep] : []), ...collectorsOf(parts, userAgent)],
    onRecord: (record) => told.onRecord(record),
    onPhoneReport: (uniqueid, report) => told.onPhoneReport(uniqueid, report),
    // Made below: it tells of its calls from the first one on.
    calls: {
      get callCount() {
        return calls.callCount;
      },
      live: (limit) => calls.live(limit),
    },
  });
  const recorder = new Recorder({ runtime, media, settings: recordingSettings(configuration) });
  const rooms = new Rooms({
    runtime,
    media,
    conference: configuration.conference,
    rooms: configuration.rooms,
    waitMusic: configuration.media.holdMusic,
    recorder: recorder.rooms,
  });
  rooms.on('event', (event) => told.onRoomEvent(event));
  const calls = createCallHandler({
    runtime,
    userAgent,
    media,
    addresses: new MediaAddresses({ runtime, own, advertised }),
    relays: turn,
    directory: accounts,
    bindings: registrations,
    records: quality.records,
    rooms,
    recorder,
    settings: callSettings(parts, isLocalHost),
  });
  return { journal, registrations, keepAlive, screen, userAgent, calls, quality, hep, rooms };
}

function collectorsOf({ runtime, configuration, realm }: Parts, userAgent: SipUserAgent): Collector[] {
  const { collector: target } = configuration.quality;
  return target === undefined ? [] : [new Collector({ runtime, userAgent, target, realm })];
}

function recordingSettings({ recording, dataFolder }: Configuration): RecordingSettings {
  const { folder = join(dataFolder, 'recordings'), format, tracks } = recording;
  return { folder, format, tracks };
}

function callSettings(
  { configuration, realm, codecs }: Parts,
  isLocalHost: CallSettings['isLocalHost'],
): CallSettings {
  const { ringSeconds, maxCalls, announcements, recording } = configuration;
  const { transcoding, redundancy, holdMusic, direct } = configuration.media;
  const plain = [...codecs.descriptions.map(plainFormat), TELEPHONE_EVENT];
  const formats = redundancy === 'auto' ? withRedundancy(plain) : plain;
  const media = { formats, isTranscoding: transcoding };
  return {
    realm,
    isLocalHost,
    ringSeconds,
    maxCalls,
    media,
    // Music is played and calls are recorded by the server, which must hear them for that.
    passesSecured: direct === 'auto',
    mayBeDirect: direct === 'auto' && holdMusic === undefined && recording.calls === 'never',
    holdMusic,
    recording,
    announcements,
  };
}

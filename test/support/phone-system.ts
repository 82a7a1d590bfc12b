// A whole phone system in the virtual world: the server, phones on hosts of their own, and what must be empty at the end.
import { readFileSync, statSync } from 'node:fs';
import { expect } from 'vitest';
import { formatEndpoint, silentLog } from '../../core/index.ts';
import { InlineMediaEngine, loadCodecs, type PortRange, type RecordingFiles } from '../../media/index.ts';
import type { FileReader } from '../../media/tone/index.ts';
import {
  type CallRecord,
  type ConfigurationInput,
  createServer,
  type ForwardSettings,
  MemoryStore,
  type PatchcordServer,
  type Store,
} from '../../server/index.ts';
import type { OutgoingSession } from '../../signaling/index.ts';
import { createSoftphone, type Softphone, type SoftphoneOptions } from '../../softphone/index.ts';
import { expectEmpty } from './empty-tables.ts';
import type { Host } from './host.ts';
import { MemoryRecordings } from './memory-recordings.ts';
import { type SessionLog, TestPhone, watchSession } from './test-phone.ts';
import type { HostOptions, World } from './world.ts';

/** The server's address unless it has a place of its own; its name in links is `server`. */
const SERVER_ADDRESS = '192.0.2.1';
const REALM = 'pbx.example';
/** Longer than any transaction or refusal waits, and than a nonce lives. */
const QUIET_MS = 100_000;

export interface PhoneSystemOptions {
  readonly users: Readonly<Record<string, { displayName?: string; forward?: ForwardSettings }>>;
  readonly ringSeconds?: number;
  readonly ports?: PortRange;
  /** Of the configuration, but for the ports. */
  readonly media?: Omit<NonNullable<ConfigurationInput['media']>, 'ports'>;
  readonly advertisedAddress?: NonNullable<ConfigurationInput['advertisedAddress']>;
  readonly insideNetworks?: NonNullable<ConfigurationInput['insideNetworks']>;
  /** Where the server is; it listens on every address there. */
  readonly place?: HostOptions;
  readonly announcements?: NonNullable<ConfigurationInput['announcements']>;
  readonly recording?: NonNullable<ConfigurationInput['recording']>;
  /** Where recordings go; not to the disk in any case. */
  readonly recordingFiles?: RecordingFiles;
  readonly turn?: NonNullable<ConfigurationInput['turn']>;
  readonly conference?: NonNullable<ConfigurationInput['conference']>;
  readonly rooms?: NonNullable<ConfigurationInput['rooms']>;
  /** Who is told of calls: a collector, a Homer server. */
  readonly told?: Pick<ConfigurationInput, 'quality' | 'hep'>;
  /** One that forgets where not given. */
  readonly store?: Store;
}

export interface PhonePlace extends HostOptions {
  /** At which of its addresses the server is reached; at its first where not given. */
  readonly server?: string;
}

/** The disk, without a wait that is not the world's. */
const files: FileReader = {
  version: async (path) => ({ stamp: '', sizeBytes: statSync(path).size }),
  read: async (path) => readFileSync(path),
};

/** Starts a server with these users; their passwords are known to their phones. */
export async function startPhoneSystem(world: World, options: PhoneSystemOptions): Promise<PhoneSystem> {
  const { ringSeconds, media: sound, announcements, conference, rooms, place } = options;
  const { advertisedAddress, insideNetworks } = options;
  const host = world.host('server', place ?? { addresses: [SERVER_ADDRESS] });
  const listening = (place ? ['0.0.0.0', '::'] : [SERVER_ADDRESS]).map((address) =>
    formatEndpoint({ address, port: 5060 }),
  );
  const { ports = { first: 10_000, last: 10_999 }, recording, recordingFiles } = options;
  let media: InlineMediaEngine | undefined;
  // WebAssembly is compiled in real time; afterwards everything runs in the world's.
  await loadCodecs({ log: silentLog });
  const server = await world.complete(
    createServer({
      runtime: host,
      store: options.store ?? new MemoryStore(),
      openMedia: (runtime, { inactivityMs }) => {
        media = new InlineMediaEngine(runtime, {
          ports,
          inactivityMs,
          files,
          recordingFiles: recordingFiles ?? new MemoryRecordings(),
        });
        return media;
      },
      realm: REALM,
      sip: { udp: listening, tcp: listening },
      users: usersOf(options.users),
      ...(ringSeconds === undefined ? {} : { ringSeconds }),
      ...(sound ? { media: sound } : {}),
      ...(announcements ? { announcements } : {}),
      ...(recording ? { recording } : {}),
      ...(options.turn === undefined ? {} : { turn: options.turn }),
      ...(conference ? { conference } : {}),
      ...(rooms ? { rooms } : {}),
      ...options.told,
      ...(advertisedAddress === undefined ? {} : { advertisedAddress }),
      ...(insideNetworks === undefined ? {} : { insideNetworks }),
    }),
  );
  if (!media) throw new Error('the server opened no media engine');
  return new PhoneSystem(world, { server, media, address: host.address });
}

function usersOf(users: PhoneSystemOptions['users']): NonNullable<ConfigurationInput['users']> {
  return Object.fromEntries(
    Object.entries(users).map(([name, user]) => [name, { ...user, password: passwordOf(name) }]),
  ) as NonNullable<ConfigurationInput['users']>; // The schema checks it again.
}

function passwordOf(name: string): string {
  return `secret of ${name}`;
}

export class PhoneSystem {
  readonly server: PatchcordServer;
  readonly media: InlineMediaEngine;
  readonly #world: World;
  /** Where phones reach the server unless their place has another. */
  readonly #address: string;
  readonly #phones: TestPhone[] = [];
  /** Those that were put behind something. */
  readonly #placed: TestPhone[] = [];

  constructor(
    world: World,
    parts: { readonly server: PatchcordServer; readonly media: InlineMediaEngine; readonly address: string },
  ) {
    this.#world = world;
    this.server = parts.server;
    this.media = parts.media;
    this.#address = parts.address;
  }

  /** Registered phones, one a name. */
  async phones<Names extends string[]>(...names: Names): Promise<{ [Index in keyof Names]: TestPhone }> {
    const opened: TestPhone[] = [];
    for (const name of names) opened.push(await this.#open(name));
    // One phone for each name, in their order.
    return opened as { [Index in keyof Names]: TestPhone };
  }

  /** A registered phone in a place of its own, behind a NAT say. */
  phoneAt(name: string, place: PhonePlace): Promise<TestPhone> {
    return this.#open(name, place);
  }

  /** A registered phone with sound. Whoever opens it closes it, before the system is looked at for what is left. */
  async softphone(name: string, options: SoftphoneOptions, place?: PhonePlace): Promise<Softphone> {
    const phone = await this.callingSoftphone(name, options, place);
    await this.#world.complete(phone.register());
    return phone;
  }

  /** The same without a registration: it only calls. */
  async callingSoftphone(name: string, options: SoftphoneOptions, place?: PhonePlace): Promise<Softphone> {
    const host = this.#hostFor(name, place);
    const account = { user: name, password: passwordOf(name), server: place?.server ?? this.#address };
    return this.#world.hold(createSoftphone({ runtime: host, account, ...options }));
  }

  /** A call in conversation. */
  async connect(from: TestPhone, to: TestPhone): Promise<{ call: OutgoingSession; log: SessionLog }> {
    const before = to.incoming.length;
    to.onCall = (session) => session.accept({ sdp: to.sdp() });
    const call = from.call(to.name);
    const log = watchSession(call);
    await this.#world.runUntil(() => log.accepted.length > 0 && to.incoming.length > before, {
      what: 'the answer',
    });
    await this.#world.run(200);
    return { call, log };
  }

  /** Each speaks to where its SDP points, until everybody has heard somebody else. */
  async talk(
    ...talkers: [phone: TestPhone, to: { readonly address: string; readonly port: number }][]
  ): Promise<void> {
    for (let round = 0; round < 50; round += 1) {
      for (const [phone, to] of talkers)
        phone.speak(to, 1 + talkers.findIndex(([other]) => other === phone), 1);
      await this.#world.run(20);
    }
    if (talkers.length < 2) return;
    for (const [index, [phone]] of talkers.entries()) {
      expect(phone.heard.length).toBeGreaterThan(0);
      // The last byte of a packet says who spoke.
      expect(phone.heard.every((packet) => packet.at(-1) !== index + 1)).toBe(true);
    }
  }

  records(): readonly CallRecord[] {
    return this.server.records();
  }

  /** The record of the last call of a user, once it is closed. */
  async recordOf(src: string): Promise<CallRecord | undefined> {
    const find = () => this.records().find((record) => record.src === src && record.end !== null);
    await this.#world.runUntil(() => find() !== undefined, { what: `a closed record of ${src}` });
    return find();
  }

  /** Everybody hangs up and nothing is left: no session, dialog, transaction, leg, port, timer. */
  async expectQuiet(): Promise<void> {
    // Whoever is registered from behind a NAT is asked by OPTIONS again and again.
    await this.#world.complete(Promise.all(this.#placed.map((phone) => phone.register(0))));
    await this.#world.run(QUIET_MS);
    const { calls, rooms, sessions, transactions } = this.server.counts;
    const mixers = this.media.roomCount;
    expectEmpty({ calls, rooms, sessions, transactions, legs: this.media.legCount, mixers });
    for (const phone of this.#phones) {
      const { userAgent } = phone;
      expectEmpty({
        [`sessions of ${phone.name}`]: userAgent.sessionCount,
        [`dialogs of ${phone.name}`]: userAgent.dialogCount,
        [`transactions of ${phone.name}`]: userAgent.endpoint.transactionCount,
        [`invariants of ${phone.name}`]: userAgent.invariantFailures,
      });
    }
    for (const record of this.records()) expect(record.end).not.toBeNull();
    await this.#world.complete(
      Promise.all([this.server.close(), ...this.#phones.map((phone) => phone.close())]),
    );
    expectEmpty(this.#world.tables());
  }

  #hostFor(name: string, place?: PhonePlace): Host {
    const number = this.#world.hosts.length + 9;
    return this.#world.host(`${name}-${number}`, place ?? { addresses: [`192.0.2.${number}`] });
  }

  async #open(name: string, place?: PhonePlace): Promise<TestPhone> {
    const host = this.#hostFor(name, place);
    const phone = await this.#world.complete(
      TestPhone.open({
        host,
        name,
        password: passwordOf(name),
        server: place?.server ?? this.#address,
        realm: REALM,
      }),
    );
    this.#phones.push(phone);
    if (place?.behind) this.#placed.push(phone);
    expect(await this.#world.complete(phone.register())).toBe(200);
    return phone;
  }
}

// One server with its users, and the phones of a test, all stopped at its end.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { formatEndpoint } from '../../../core/index.ts';
import type { CallRecord } from '../../../server/index.ts';
import { type Baresip, type BaresipOptions, startBaresip } from '../../support/peers/baresip.ts';
import type { BaresipAccount } from '../../support/peers/baresip-settings.ts';
import { IMPAIRED_ADDRESS } from '../../support/peers/impairment.ts';
import { type PatchcordServer, type PhoneRun, startPatchcordServer } from '../../support/peers/patchcord.ts';
import type { PeerProcess } from '../../support/peers/peer-process.ts';
import { makeTempFolder, type TempFolder } from '../../support/peers/temp-folder.ts';

const PASSWORDS = { alice: 'alice-secret', bob: 'bob-secret', carol: 'carol-secret' };

export type LabUser = keyof typeof PASSWORDS;

const RECORD_LIMIT_MS = 5_000;

export class Lab {
  readonly server: PatchcordServer;
  readonly #folder: TempFolder = makeTempFolder('lab');
  readonly #peers: Baresip[] = [];
  readonly #runs: PhoneRun[] = [];

  constructor(server: PatchcordServer) {
    this.server = server;
  }

  static async open(configuration: Readonly<Record<string, unknown>> = {}): Promise<Lab> {
    return new Lab(await startPatchcordServer({ users: PASSWORDS, configuration }));
  }

  /** With a server at these addresses of the loopback interface; phones use the first where nothing is said. */
  static async openAt(address: string, ...otherAddresses: readonly string[]): Promise<Lab> {
    return new Lab(await startPatchcordServer({ users: PASSWORDS, address, otherAddresses }));
  }

  /** With all sound sent to another address of this machine, where `patchcord impair` takes it. */
  static async openForImpairment(): Promise<Lab> {
    const advertisedAddress = IMPAIRED_ADDRESS;
    return new Lab(await startPatchcordServer({ users: PASSWORDS, mediaPorts: 24, advertisedAddress }));
  }

  /** A file of this test. */
  path(name: string): string {
    return `${this.#folder.path}/${name}`;
  }

  uriOf(user: string, serverAddress = this.server.endpoint.address): string {
    return `sip:${user}@${this.#at(serverAddress)}`;
  }

  /** A baresip that has registered as the user. */
  async baresip(
    user: LabUser,
    options: Omit<BaresipOptions, 'account'> & Pick<BaresipAccount, 'answerMode' | 'transport'> = {},
  ): Promise<Baresip> {
    const { answerMode, transport, ...sound } = options;
    const phone = await startBaresip({
      ...sound,
      account: {
        user,
        password: PASSWORDS[user],
        registrar: this.#at(sound.address ?? this.server.endpoint.address),
        ...(answerMode === undefined ? {} : { answerMode }),
        ...(transport === undefined ? {} : { transport }),
      },
    });
    this.#peers.push(phone);
    await phone.registered();
    return phone;
  }

  /** `patchcord answer` as the user, once it has registered. */
  async answering(user: LabUser, args: readonly string[] = [], serverAddress?: string): Promise<PhoneRun> {
    const run = this.#run('answer', user, args, serverAddress);
    await run.process.waitForLog(/registered as/);
    return run;
  }

  /** `patchcord call` as the user. */
  calling(user: LabUser, target: string, args: readonly string[] = [], serverAddress?: string): PhoneRun {
    return this.#run('call', user, [target, ...args], serverAddress);
  }

  /** `patchcord send` as the user. */
  sending(user: LabUser, path: string, target: string, args: readonly string[] = []): PhoneRun {
    return this.#run('send', user, [path, target, ...args]);
  }

  /** `patchcord phone` as the user: lines in, text out. */
  interactive(user: LabUser, args: readonly string[] = []): PeerProcess {
    return this.#run('phone', user, args).process;
  }

  /** Calls and waits for the end. */
  async call(user: LabUser, target: string, args: readonly string[] = []): ReturnType<PhoneRun['result']> {
    return await this.calling(user, target, args).result();
  }

  /** The only record so far, once it is closed. */
  async closedRecord(): Promise<CallRecord> {
    const [record, ...more] = await this.closedRecords(1);
    expect(more).toEqual([]);
    if (record === undefined) throw new Error('there is no call record');
    return record;
  }

  /** All records, the latest first, once there are so many and all are closed. */
  async closedRecords(count: number): Promise<readonly CallRecord[]> {
    const limitAt = performance.now() + RECORD_LIMIT_MS;
    for (;;) {
      const records = this.server.records();
      const isDone = records.length >= count && records.every(({ end }) => end !== null);
      if (isDone) return records;
      if (performance.now() > limitAt) throw new Error(`records stay open: ${JSON.stringify(records)}`);
      await delay(50);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.map((run) => run.process.stop()), ...this.#peers.map((p) => p.stop())]);
    await this.server.stop();
    this.#folder.remove();
  }

  #at(serverAddress: string): string {
    return formatEndpoint({ ...this.server.endpoint, address: serverAddress });
  }

  #run(command: string, user: LabUser, args: readonly string[], serverAddress?: string): PhoneRun {
    const account = { user, password: PASSWORDS[user] };
    const where = serverAddress === undefined ? {} : { serverAddress };
    const run = this.server.phone(command, { ...account, args, ...where });
    this.#runs.push(run);
    return run;
  }
}

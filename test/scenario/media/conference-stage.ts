// A room of the engine, and parties that say tones into it.
import { InlineMediaEngine, type InlineMediaEngineOptions } from '../../../media/engine/index.ts';
import type {
  LegReport,
  MemberSettings,
  OpenedLeg,
  OpenRoomOptions,
  PayloadFormat,
  RemoteMedia,
} from '../../../media/index.ts';
import { expectEmpty, type World } from '../../support/index.ts';
import { RELAY, remoteOf } from './stage.ts';
import { ToneParty } from './tone-party.ts';

export interface StagedMember {
  readonly name: string;
  readonly party: ToneParty;
  readonly leg: OpenedLeg;
}

export interface Attendance {
  readonly formats: readonly [PayloadFormat, ...PayloadFormat[]];
  readonly remote?: Partial<RemoteMedia>;
  readonly settings?: Partial<MemberSettings>;
  /** Of what the party says and hears, in Opus. */
  readonly channels?: 1 | 2;
}

/** Of the first party; those behind it have the next ones. */
export const SSRC_BASE = 0xf0_00_00_00;

/** Opus of a party that plays and records stereo. */
export const STEREO: PayloadFormat = {
  payloadType: 112,
  encoding: 'opus',
  clockRateHz: 48_000,
  channels: 2,
  formatParameters: 'stereo=1;sprop-stereo=1',
};

/** What a room does to voices besides adding them up would change levels. */
export const PLAIN_ROOM: Partial<OpenRoomOptions> = { automaticGain: false, noiseGate: false };

export class ConferenceStage {
  readonly engine: InlineMediaEngine;
  readonly roomId: number;
  readonly talking: { readonly legId: number; readonly isTalking: boolean; readonly at: number }[] = [];
  readonly levels: { readonly legId: number; readonly levelDbov: number }[][] = [];
  readonly #world: World;
  readonly #members: StagedMember[] = [];
  /** Legs that ended by a fault of ours. */
  readonly #failed = new Set<number>();

  static async open(
    world: World,
    room: Partial<OpenRoomOptions> = PLAIN_ROOM,
    options: InlineMediaEngineOptions = {},
  ): Promise<ConferenceStage> {
    const relay = world.host('relay', { addresses: [RELAY] });
    const engine = new InlineMediaEngine(relay, options);
    const { roomId } = await engine.openRoom({ callKey: 'room', label: '3000', ...room });
    const stage = new ConferenceStage(world, engine, roomId);
    engine.on('talking', ({ legId, isTalking }) => {
      stage.talking.push({ legId, isTalking, at: relay.clock.now() });
    });
    engine.on('levels', ({ levels }) => stage.levels.push([...levels]));
    return stage;
  }

  private constructor(world: World, engine: InlineMediaEngine, roomId: number) {
    this.#world = world;
    this.engine = engine;
    this.roomId = roomId;
    engine.on('failed', ({ legIds }) => {
      for (const legId of legIds) this.#failed.add(legId);
    });
  }

  /** Opens a leg for a party of its own host, and has it join. */
  async join(name: string, { formats, remote, settings, channels }: Attendance): Promise<StagedMember> {
    const address = `192.0.2.${this.#members.length + 1}`;
    const host = this.#world.host(name, { addresses: [address] });
    const party = await ToneParty.create(host, formats[0], channels);
    party.ssrc = SSRC_BASE + this.#members.length;
    const leg = await this.engine.openLeg({ callKey: 'room', localAddress: RELAY, label: name });
    await this.#world.hold(this.engine.setRemote(leg.legId, remoteOf(party.local, { formats, ...remote })));
    await this.#world.hold(this.engine.joinRoom(leg.legId, this.roomId, settings));
    const member = { name, party, leg };
    this.#members.push(member);
    return member;
  }

  /** Closes everything and fails where something stayed. @returns the last reports, in the order of joining */
  async end(): Promise<readonly LegReport[]> {
    const reports: LegReport[] = [];
    for (const { leg, party } of this.#members) {
      if (!this.#failed.has(leg.legId)) reports.push(await this.engine.closeLeg(leg.legId));
      party.close();
    }
    await this.engine.closeRoom(this.roomId);
    expectEmpty({
      rooms: this.engine.roomCount,
      legs: this.engine.legCount,
      deadlines: this.engine.deadlineCount,
    });
    await this.engine.close();
    await this.#world.runUntilIdle();
    expectEmpty(this.#world.tables());
    return reports;
  }
}

// All rooms of one server: finds them, opens them for the first who comes, and tells what happens in them.
import { Emitter, type Runtime } from '../../core/index.ts';
import type { Served } from '../call/served.ts';
import type { RoomDoor } from '../call/types.ts';
import type { RoomMedia } from './media.ts';
import { isOnDemand } from './on-demand.ts';
import { PinGuard } from './pin-guard.ts';
import { Prompts } from './prompts.ts';
import { Room } from './room.ts';
import { RoomHandle } from './room-handle.ts';
import { roomCallKey } from './room-mixer.ts';
import { roomSettings } from './settings.ts';
import type { RoomEvent, RoomRecorder, RoomSettings, RoomState } from './types.ts';
import { type RoomHouse, Visit } from './visit.ts';

type Given = { readonly [Name in keyof RoomSettings]?: RoomSettings[Name] | undefined };

export interface RoomsOptions {
  readonly runtime: Runtime;
  readonly media: RoomMedia;
  /** `conference:` of the configuration. */
  readonly conference: Given & {
    readonly onDemand: readonly string[];
    readonly prompts?: string | undefined;
  };
  /** `rooms:` of the configuration. */
  readonly rooms: Readonly<Record<string, Given>>;
  /** What who waits for a moderator hears; silence where not given. */
  readonly waitMusic?: string | undefined;
  readonly recorder?: RoomRecorder | undefined;
}

export interface RoomsEvents {
  event: RoomEvent;
}

export class Rooms extends Emitter<RoomsEvents> implements RoomDoor {
  readonly #options: RoomsOptions;
  readonly #configured: ReadonlyMap<string, Given>;
  /** Those with somebody in them. */
  readonly #rooms = new Map<string, Room>();
  readonly #house: RoomHouse;
  #lastMemberId = 0;

  constructor(options: RoomsOptions) {
    super();
    this.#options = options;
    this.#configured = new Map(Object.entries(options.rooms));
    const { runtime, media, conference } = options;
    this.#house = {
      runtime,
      media,
      prompts: new Prompts(conference.prompts),
      guard: new PinGuard(runtime.clock),
      find: (name) => this.#rooms.get(name),
      open: (name) => this.#open(name),
    };
    media.on('talking', ({ roomId, legId, isTalking }) =>
      this.#byId(roomId)?.handleTalking(legId, isTalking),
    );
    media.on('levels', ({ roomId, levels }) => this.#tellLevels(roomId, levels));
  }

  /** Rooms with somebody in them. */
  get roomCount(): number {
    return this.#rooms.size;
  }

  get states(): readonly RoomState[] {
    return [...this.#rooms.values()].map((room) => room.state);
  }

  /** For whoever uses the server as a library; also of a room that nobody is in. */
  handle(name: string): RoomHandle {
    return new RoomHandle(name, { find: () => this.#rooms.get(name), media: this.#options.media });
  }

  isRoom(dialled: string): boolean {
    return this.#configured.has(dialled) || isOnDemand(this.#options.conference.onDemand, dialled);
  }

  callKeyOf(room: string): string {
    return roomCallKey(room);
  }

  serve(room: string, served: Served): Promise<string> {
    return new Visit(this.#house, { name: room, settings: this.#settingsOf(room), served }).run();
  }

  #settingsOf(name: string): RoomSettings {
    return roomSettings(this.#configured.get(name) ?? {}, this.#options.conference);
  }

  #open(name: string): Room {
    const open = this.#rooms.get(name);
    if (open) return open;
    const { runtime, media, waitMusic, recorder } = this.#options;
    const room = new Room({
      runtime,
      media,
      name,
      settings: this.#settingsOf(name),
      prompts: this.#house.prompts,
      waitMusic,
      recorder,
      nextMemberId: () => {
        this.#lastMemberId += 1;
        return this.#lastMemberId;
      },
      onEvent: (event) => this.emit('event', event),
      onClosed: () => {
        if (this.#rooms.get(name) === room) this.#rooms.delete(name);
      },
    });
    this.#rooms.set(name, room);
    return room;
  }

  #byId(roomId: number): Room | undefined {
    for (const room of this.#rooms.values()) if (room.roomId === roomId) return room;
    return undefined;
  }

  #tellLevels(
    roomId: number,
    levels: readonly { readonly legId: number; readonly levelDbov: number }[],
  ): void {
    const room = this.#byId(roomId);
    if (!room) return;
    const known = levels.flatMap(({ legId, levelDbov }) => {
      const member = room.memberOfLeg(legId);
      return member ? [{ memberId: member.memberId, levelDbov: Math.round(levelDbov * 10) / 10 }] : [];
    });
    this.emit('event', { type: 'levels', room: room.name, levels: known });
  }
}

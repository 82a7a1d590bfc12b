// The rooms of an engine: who is in which, and what members need to talk and to listen.
import { type Log, OperationError } from '../../core/index.ts';
import { type Codec, sendsOpusStereo, wantsOpusStereo } from '../codec/index.ts';
import {
  closeCodecs,
  type MemberEquipment,
  type MemberSettings,
  type OpenRoomOptions,
  ROOM_RATE_HZ,
  Room,
  type RoomEvents,
  type RoomListener,
  type RoomMember,
  type RoomReport,
  type RoomSound,
  type RoomTap,
} from '../conference/index.ts';
import { isComfortNoise, isSameFormat, isSoundFormat, type Leg } from '../leg/index.ts';
import type { OpenedFile, SoundLibrary } from '../tone/index.ts';
import { type CodecSource, frameMsFor } from '../transcode/index.ts';
import type { Connections } from './connections.ts';
import type { PayloadFormat } from './types.ts';

export interface RoomsOptions {
  readonly codecs: CodecSource;
  readonly sounds: SoundLibrary;
  readonly connections: Connections;
  readonly log: Log;
  now(): number;
  exactNow(): number;
  /** The room's deadline may have moved. */
  onRearmed(room: Room): void;
  onTalking(event: RoomEvents['talking']): void;
  onLevels(event: RoomEvents['levels']): void;
  /** We are wrong somewhere: this leg is at its end. */
  onFailed(leg: Leg, error: unknown): void;
}

/** To be in a room. */
interface Wish {
  readonly room: Room;
  settings: Partial<MemberSettings>;
}

export class Rooms implements RoomListener {
  readonly #options: RoomsOptions;
  readonly #rooms = new Map<number, Room>();
  readonly #membersByLeg = new Map<Leg, RoomMember>();
  /** Which room a leg joins, or is in; a later wish replaces it. */
  readonly #wishes = new Map<Leg, Wish>();
  #lastRoomId = 0;
  #makingCount = 0;

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  /** Codecs and sounds that members wait for. */
  get makingCount(): number {
    return this.#makingCount;
  }

  now(): number {
    return this.#options.now();
  }

  exactNow(): number {
    return this.#options.exactNow();
  }

  open(options: OpenRoomOptions): number {
    this.#lastRoomId += 1;
    this.#rooms.set(this.#lastRoomId, new Room(this.#lastRoomId, options, this));
    return this.#lastRoomId;
  }

  close(roomId: number): void {
    const room = this.#room(roomId);
    this.#rooms.delete(roomId);
    room.close();
    this.#options.onRearmed(room);
  }

  closeAll(): void {
    for (const roomId of [...this.#rooms.keys()]) this.close(roomId);
  }

  /** Resolves when the leg hears the room and is heard there. */
  async join(leg: Leg, roomId: number, settings: Partial<MemberSettings>): Promise<void> {
    const room = this.#room(roomId);
    this.#options.connections.part(leg);
    const wish: Wish = { room, settings };
    this.#wishes.set(leg, wish);
    const equipment = await this.#equip(leg, room).catch((error: unknown) => {
      this.#forget(leg, wish);
      throw error;
    });
    const isClosed = this.#rooms.get(roomId) !== room;
    if (isClosed || this.#wishes.get(leg) !== wish) {
      this.#giveBack(room, equipment);
      this.#forget(leg, wish);
      // A leg that went elsewhere meanwhile has what it wanted last.
      if (isClosed) throw unknownRoom(roomId);
      return;
    }
    this.#options.connections.part(leg);
    this.#wishes.set(leg, wish);
    const member = room.join(this.now(), leg, equipment, wish.settings);
    this.#membersByLeg.set(leg, member);
    leg.passage = member;
    // Meanwhile SDP may have changed.
    await this.refresh(leg);
  }

  /** The leg goes elsewhere, or is closed. */
  leave(leg: Leg): void {
    this.#wishes.delete(leg);
  }

  /** SDP of a leg is new. */
  async refresh(leg: Leg): Promise<void> {
    const [member, wish] = [this.#membersByLeg.get(leg), this.#wishes.get(leg)];
    if (!member || !wish) return;
    member.refreshLevels();
    if (member.equipment.key === keyOf(leg)) return;
    const equipment = await this.#equip(leg, wish.room);
    const isMember = this.#membersByLeg.get(leg) === member;
    // Newer SDP is seen to by a call of its own, which may have been faster.
    if (!isMember || equipment.key !== keyOf(leg)) return this.#giveBack(wish.room, equipment);
    this.#giveBack(wish.room, wish.room.equip(this.now(), member, equipment));
  }

  /** @throws OperationError `MEDIA_ROOM_UNKNOWN` where the leg is in none */
  set(leg: Leg, changes: Partial<MemberSettings>): void {
    const member = this.#membersByLeg.get(leg);
    const wish = this.#wishes.get(leg);
    if (!wish) throw new OperationError('MEDIA_ROOM_UNKNOWN', `"${leg.label}" is in no room`);
    if (member) wish.room.set(member, changes);
    // It is still joining.
    else wish.settings = { ...wish.settings, ...changes };
  }

  /** Resolves when the sound was played, or nobody is there to hear it. */
  async play(roomId: number, sound: RoomSound): Promise<void> {
    const room = this.#room(roomId);
    const opened = await this.#counted(this.#openSound(sound));
    if (this.#rooms.get(roomId) === room) {
      const played = opened.map(({ source }) => room.play(this.now(), source));
      await Promise.all(played);
    }
    for (const { close } of opened) close();
  }

  report(roomId: number): RoomReport {
    return this.#room(roomId).report();
  }

  /** @returns what ends it */
  tap(roomId: number, tap: RoomTap): () => void {
    const room = this.#room(roomId);
    return room.taps.add(this.now(), tap, room.members);
  }

  roomRearmed(room: Room): void {
    this.#options.onRearmed(room);
  }

  roomTalking({ roomId }: Room, legId: number, isTalking: boolean): void {
    this.#options.onTalking({ roomId, legId, isTalking });
  }

  roomLevels({ roomId }: Room, levels: RoomEvents['levels']['levels']): void {
    this.#options.onLevels({ roomId, levels });
  }

  roomLeft(room: Room, member: RoomMember): void {
    this.#membersByLeg.delete(member.leg);
    this.#wishes.delete(member.leg);
    this.#giveBack(room, member.equipment);
  }

  memberFailed(leg: Leg, error: unknown): void {
    this.#options.onFailed(leg, error);
  }

  #forget(leg: Leg, wish: Wish): void {
    if (this.#wishes.get(leg) === wish) this.#wishes.delete(leg);
  }

  #room(roomId: number): Room {
    const room = this.#rooms.get(roomId);
    if (room) return room;
    throw unknownRoom(roomId);
  }

  async #openSound(sound: RoomSound): Promise<readonly OpenedFile[]> {
    const { sounds } = this.#options;
    if ('tone' in sound) {
      return [{ source: sounds.toneSource(sound.tone, ROOM_RATE_HZ), close: () => {} }];
    }
    const opened: OpenedFile[] = [];
    try {
      for (const path of sound.files) opened.push(await sounds.fileSource(path, ROOM_RATE_HZ));
      return opened;
    } catch (error) {
      for (const { close } of opened) close();
      throw error;
    }
  }

  async #equip(leg: Leg, room: Room): Promise<MemberEquipment> {
    return this.#counted(this.#makeEquipment(leg, room));
  }

  async #makeEquipment(leg: Leg, room: Room): Promise<MemberEquipment> {
    const { codecs, log } = this.#options;
    const formats = leg.receiveFormats;
    const key = keyOf(leg);
    const { sendFormat: format, remote } = leg;
    const decoders = new Map<number, Codec>();
    for (const received of formats.filter(isSoundFormat)) {
      const decoder = await codecs.create(received, room.options.isSpatial ? 1 : sentChannels(received));
      if (decoder) decoders.set(received.payloadType, decoder);
    }
    if (!format || !remote) return { key, formats, decoders, listening: undefined };
    const ptimeMs = frameMsFor(format, remote.ptimeMs);
    const channels = wantedChannels(format);
    const makeEncoder = () => codecs.create(format, channels);
    const group = await room.groups.borrow({ format, ptimeMs }, makeEncoder).catch((error: unknown) => {
      closeCodecs({ key, formats, decoders, listening: undefined });
      throw error;
    });
    // One codec serves both ways where the party sends what it takes.
    const same = formats.find((received) => isLike(received, format));
    const both = same && decoders.get(same.payloadType);
    const isFit = both?.description.soundChannels === group?.stream.encoder.description.soundChannels;
    const encoder = both && isFit ? both : group && (await makeEncoder());
    if (group && encoder) return { key, formats, decoders, listening: { format, encoder, group } };
    if (group) room.groups.release(group);
    log.warn({ leg: leg.label, format: format.encoding }, 'a member hears nothing: a codec is missing');
    return { key, formats, decoders, listening: undefined };
  }

  #giveBack(room: Room, equipment: MemberEquipment): void {
    closeCodecs(equipment);
    if (equipment.listening) room.groups.release(equipment.listening.group);
  }

  async #counted<Value>(making: Promise<Value>): Promise<Value> {
    this.#makingCount += 1;
    try {
      return await making;
    } finally {
      this.#makingCount -= 1;
    }
  }
}

function unknownRoom(roomId: number): OperationError {
  return new OperationError('MEDIA_ROOM_UNKNOWN', `there is no room ${roomId}, or it was closed`);
}

/** What equipment depends on. */
function keyOf({ receiveFormats, sendFormat, remote }: Leg): string {
  return JSON.stringify([
    receiveFormats,
    sendFormat,
    remote?.ptimeMs,
    remote?.formats.filter(isComfortNoise),
  ]);
}

function isLike(a: PayloadFormat, b: PayloadFormat): boolean {
  return isSameFormat(a, b) && a.formatParameters === b.formatParameters;
}

function wantedChannels({ encoding, formatParameters }: PayloadFormat): 1 | 2 {
  return encoding === 'opus' && wantsOpusStereo(formatParameters) ? 2 : 1;
}

function sentChannels({ encoding, formatParameters }: PayloadFormat): 1 | 2 {
  return encoding === 'opus' && sendsOpusStereo(formatParameters) ? 2 : 1;
}

// A media engine for tests of rooms: it notes what it is asked for, and plays nothing.
import { Emitter } from '../../core/index.ts';
import type {
  MemberSettings,
  OpenRoomOptions,
  PlayFileOptions,
  RoomEvents,
  RoomReport,
  RoomSound,
} from '../../media/index.ts';
import type { RoomMedia } from '../../server/room/media.ts';

/** What is known of a leg in a room. */
export interface FakeMember {
  readonly roomId: number;
  settings: Partial<MemberSettings>;
}

export class FakeRoomMedia extends Emitter<RoomEvents> implements RoomMedia {
  readonly opened: OpenRoomOptions[] = [];
  readonly openRooms = new Set<number>();
  readonly members = new Map<number, FakeMember>();
  /** What was played, to a leg or to all: the names of files without folder and ending, and tones. */
  readonly played: string[] = [];
  /** Files that loop, by leg. */
  readonly looping = new Map<number, { readonly file: string; end(): void }>();
  /** Rooms are opened when it resolves. */
  opening: Promise<void> = Promise.resolve();
  /** Set: rooms cannot be opened. */
  openFailure: Error | undefined;

  async openRoom(options: OpenRoomOptions): Promise<{ readonly roomId: number }> {
    await this.opening;
    if (this.openFailure) throw this.openFailure;
    this.opened.push(options);
    this.openRooms.add(this.opened.length);
    return { roomId: this.opened.length };
  }

  async closeRoom(roomId: number): Promise<void> {
    this.openRooms.delete(roomId);
    for (const [legId, member] of this.members) if (member.roomId === roomId) this.members.delete(legId);
  }

  async joinRoom(legId: number, roomId: number, settings: Partial<MemberSettings> = {}): Promise<void> {
    if (!this.openRooms.has(roomId)) throw new Error(`no room ${roomId}`);
    this.members.set(legId, { roomId, settings });
  }

  async setMember(legId: number, changes: Partial<MemberSettings>): Promise<void> {
    const member = this.members.get(legId);
    if (!member) throw new Error(`no member ${legId}`);
    member.settings = { ...member.settings, ...changes };
  }

  async playInRoom(roomId: number, sound: RoomSound): Promise<void> {
    const what = 'tone' in sound ? sound.tone : sound.files.map(nameOf).join(' ');
    this.played.push(`all in ${roomId}: ${what}`);
  }

  async roomReport(roomId: number): Promise<RoomReport> {
    return {
      roomId,
      label: '',
      members: [],
      beats: 0,
      lateness: { begun: [], left: [] },
      decodes: 0,
      encodes: 0,
      undecoded: 0,
    };
  }

  async disconnect(legId: number): Promise<void> {
    this.members.delete(legId);
  }

  async playFile(legId: number, { path, loop = false }: PlayFileOptions): Promise<void> {
    this.played.push(`${legId}: ${nameOf(path)}`);
    this.looping.get(legId)?.end();
    if (!loop) return;
    await new Promise<void>((resolve) => this.looping.set(legId, { file: path, end: resolve }));
  }

  async stopPlaying(legId: number): Promise<void> {
    this.looping.get(legId)?.end();
    this.looping.delete(legId);
  }
}

function nameOf(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/\.\w+$/, '');
}

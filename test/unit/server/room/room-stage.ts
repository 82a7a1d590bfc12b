// A room with a fake engine, guests who come in, and all that it tells.
import { silentLog } from '../../../../core/index.ts';
import { Member } from '../../../../server/room/member.ts';
import { PrivateVoice } from '../../../../server/room/private-voice.ts';
import { Prompts } from '../../../../server/room/prompts.ts';
import { Room, type RoomOptions } from '../../../../server/room/room.ts';
import { roomSettings } from '../../../../server/room/settings.ts';
import type { RoomEvent, RoomRole, RoomSettings } from '../../../../server/room/types.ts';
import { FakeRoomMedia } from '../../../support/fake-room-media.ts';
import { createWorld } from '../../../support/world.ts';

export const prompts = new Prompts(undefined);

export class RoomStage {
  readonly world = createWorld();
  readonly media = new FakeRoomMedia();
  readonly events: RoomEvent[] = [];
  readonly room: Room;
  isClosed = false;
  #lastId = 0;

  constructor(settings: Partial<RoomSettings> = {}, more: Partial<RoomOptions> = {}) {
    this.room = new Room({
      runtime: this.world.host('server', { addresses: ['192.0.2.1'] }),
      media: this.media,
      name: '3000',
      settings: roomSettings(settings),
      prompts,
      waitMusic: undefined,
      recorder: undefined,
      nextMemberId: () => {
        this.#lastId += 1;
        return this.#lastId;
      },
      onEvent: (event) => this.events.push(event),
      onClosed: () => {
        this.isClosed = true;
      },
      ...more,
    });
  }

  /** Tries to come in; the leg is numbered after the name's first letter. */
  admit(name: string, role: RoomRole = 'member') {
    const legId = name.charCodeAt(0);
    const voice = new PrivateVoice({ media: this.media, log: silentLog, prompts, legId });
    return this.room.admit({ name, role, legId, voice });
  }

  /** Comes in, and is in the mix. */
  async join(name: string, role: RoomRole = 'member'): Promise<Member> {
    const member = this.admit(name, role);
    if (!(member instanceof Member)) throw new Error(`${name} was refused: ${member}`);
    await this.settle();
    return member;
  }

  settle(): Promise<void> {
    return this.world.settle();
  }

  /** Events in short: `joined alice`. */
  get told(): readonly string[] {
    return this.events.map((event) => ('name' in event ? `${event.type} ${event.name}` : event.type));
  }
}

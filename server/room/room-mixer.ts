// The room of the media engine behind one of ours: opened for the first member, closed behind the last.
import { type Log, messageOf } from '../../core/index.ts';
import type { RoomSound } from '../../media/index.ts';
import type { RoomMedia } from './media.ts';
import type { RoomSettings } from './types.ts';

export class RoomMixer {
  readonly #media: RoomMedia;
  readonly #options: { readonly name: string; readonly settings: RoomSettings; readonly log: Log };
  #opening: Promise<number> | undefined;
  #roomId: number | undefined;

  constructor(
    media: RoomMedia,
    options: { readonly name: string; readonly settings: RoomSettings; readonly log: Log },
  ) {
    this.#media = media;
    this.#options = options;
  }

  get roomId(): number | undefined {
    return this.#roomId;
  }

  /** Opens it once. @throws OperationError */
  open(): Promise<number> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Never rejects. */
  async play(sound: RoomSound): Promise<void> {
    const roomId = this.#roomId;
    if (roomId === undefined) return;
    await this.#media.playInRoom(roomId, sound).catch((error: unknown) => {
      this.#options.log.debug({ reason: messageOf(error) }, 'nothing was played in the room');
    });
  }

  /** Also where it is just being opened. Never rejects. */
  async close(): Promise<void> {
    const roomId = await this.#opening?.catch(() => undefined);
    this.#roomId = undefined;
    if (roomId !== undefined) await this.#media.closeRoom(roomId).catch(() => {}); // Its worker is gone.
  }

  async #open(): Promise<number> {
    const { name, settings } = this.#options;
    const { maxTalkers, automaticGain, noiseGate, spatial, levelIntervalMs } = settings;
    const { roomId } = await this.#media.openRoom({
      callKey: roomCallKey(name),
      label: name,
      maxTalkers,
      automaticGain,
      noiseGate,
      isSpatial: spatial,
      levelIntervalMs,
    });
    this.#roomId = roomId;
    return roomId;
  }
}

/** The legs of one room share a worker. */
export function roomCallKey(name: string): string {
  return `room:${name}`;
}

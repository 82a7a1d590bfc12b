// Listeners of a room by the format in which they hear it: one encoding for each.
import type { Codec } from '../codec/index.ts';
import type { PayloadFormat } from '../engine/types.ts';
import { MixStream } from './mix-stream.ts';
import type { RoomMember } from './room-member.ts';

/** How a member hears. */
export interface ListenerFormat {
  readonly format: PayloadFormat;
  /** Of its packets. */
  readonly ptimeMs: number;
}

export class FormatGroup {
  readonly key: string;
  readonly ptimeMs: number;
  readonly stream: MixStream;
  readonly members: RoomMember[] = [];
  /** A packet of silence, for whoever hears nothing else. */
  readonly silence: Uint8Array;
  /** Who has the group, or waits to join it. */
  users = 0;

  constructor(key: string, encoder: Codec, ptimeMs: number) {
    this.key = key;
    this.ptimeMs = ptimeMs;
    this.stream = new MixStream({ encoder, ptimeMs });
    const { sampleRateHz, soundChannels = 1 } = encoder.description;
    const frame = new Int16Array(((sampleRateHz * ptimeMs) / 1000) * soundChannels);
    encoder.encode(frame);
    this.silence = encoder.encode(frame);
  }
}

export class FormatGroups {
  readonly #groups = new Map<string, Promise<FormatGroup | undefined>>();
  /** Those that are made. */
  readonly all: FormatGroup[] = [];

  /** @returns undefined where the format has no codec here; otherwise the caller releases it. Rejects where it is broken */
  async borrow(
    wanted: ListenerFormat,
    makeEncoder: () => Promise<Codec | undefined>,
  ): Promise<FormatGroup | undefined> {
    const key = keyOf(wanted);
    const making = this.#groups.get(key) ?? this.#make(key, wanted, makeEncoder);
    this.#groups.set(key, making);
    // Whoever comes later asks anew for what could not be had.
    const group = await making.catch((error: unknown) => {
      this.#forget(key, making);
      throw error;
    });
    if (group && this.#groups.get(key) !== making) return this.borrow(wanted, makeEncoder);
    if (group) group.users += 1;
    else this.#forget(key, making);
    return group;
  }

  release(group: FormatGroup): void {
    group.users -= 1;
    if (group.users > 0) return;
    this.#groups.delete(group.key);
    this.all.splice(this.all.indexOf(group), 1);
    group.stream.encoder.close();
  }

  async #make(
    key: string,
    { ptimeMs }: ListenerFormat,
    makeEncoder: () => Promise<Codec | undefined>,
  ): Promise<FormatGroup | undefined> {
    const encoder = await makeEncoder();
    if (!encoder) return undefined;
    try {
      const group = new FormatGroup(key, encoder, ptimeMs);
      this.all.push(group);
      return group;
    } catch (error) {
      encoder.close();
      throw error;
    }
  }

  #forget(key: string, making: Promise<FormatGroup | undefined>): void {
    if (this.#groups.get(key) === making) this.#groups.delete(key);
  }
}

/** Two members with the same key hear the same bytes. */
function keyOf({ format, ptimeMs }: ListenerFormat): string {
  const { encoding, clockRateHz, channels, formatParameters } = format;
  return JSON.stringify([encoding, clockRateHz, channels, formatParameters, ptimeMs]);
}

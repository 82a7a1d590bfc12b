// What was encoded lately, within a bound: the next party that hears it costs nothing but its packets.
import type { Payloads } from './encoded-sound.ts';

interface Entry {
  readonly sound: Promise<Payloads | undefined>;
  /** What the sound is made of, held beside the payloads. */
  sourceBytes: number;
  ready: Payloads | undefined;
  /** Players of it. */
  users: number;
}

/** A sound, until `release` is called. */
export interface Borrowed {
  readonly sound: Payloads;
  release(): void;
}

export class SoundCache {
  readonly #limitBytes: number;
  /** The longest unused first. */
  readonly #entries = new Map<string, Entry>();
  #isClosed = false;

  /** @param limitBytes - of all that nobody plays now: what is heard stays */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** @param make - called where nobody has asked for the key lately */
  async borrow(key: string, make: () => Promise<MadeSound | undefined>): Promise<Borrowed | undefined> {
    const entry = this.#entries.get(key) ?? createEntry(make);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users += 1;
    const release = () => {
      entry.users -= 1;
      this.#trim();
    };
    try {
      const sound = await entry.sound;
      if (sound && !this.#isClosed) return { sound, release };
      // Made for a cache that was closed meanwhile.
      sound?.close();
    } catch (error) {
      this.#drop(key, entry);
      throw error;
    }
    this.#drop(key, entry);
    return undefined;
  }

  /** For a cache that is not needed any more, nor anything out of it. */
  close(): void {
    this.#isClosed = true;
    for (const { ready } of this.#entries.values()) ready?.close();
    this.#entries.clear();
  }

  #drop(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #trim(): void {
    const sizeOf = ({ ready, sourceBytes }: Entry) => sourceBytes + (ready?.sizeBytes ?? 0);
    let sizeBytes = [...this.#entries.values()].reduce((sum, entry) => sum + sizeOf(entry), 0);
    for (const [key, entry] of this.#entries) {
      if (sizeBytes <= this.#limitBytes) return;
      if (entry.users > 0) continue;
      sizeBytes -= sizeOf(entry);
      this.#entries.delete(key);
      entry.ready?.close();
    }
  }
}

/** What a maker gives to the cache. */
export interface MadeSound {
  readonly sound: Payloads;
  /** Held besides the payloads. */
  readonly sourceBytes: number;
}

function createEntry(make: () => Promise<MadeSound | undefined>): Entry {
  const made = make();
  const entry: Entry = {
    sound: made.then((value) => value?.sound),
    sourceBytes: 0,
    ready: undefined,
    users: 0,
  };
  made.then(
    (value) => {
      entry.ready = value?.sound;
      entry.sourceBytes = value?.sourceBytes ?? 0;
    },
    () => {},
  );
  return entry;
}

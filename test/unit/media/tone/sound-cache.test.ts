import { describe, expect, it } from 'vitest';
import { ReadyPayloads } from '../../../../media/tone/encoded-sound.ts';
import { SoundCache } from '../../../../media/tone/sound-cache.ts';

class Sound extends ReadyPayloads {
  isClosed = false;

  override close(): void {
    this.isClosed = true;
  }
}

function createCache(limitBytes: number) {
  const cache = new SoundCache(limitBytes);
  const made: string[] = [];
  const borrow = async (key: string, sizeBytes: number) => {
    const borrowed = await cache.borrow(key, async () => {
      made.push(key);
      return { sound: new Sound([new Uint8Array(sizeBytes)], 20), sourceBytes: 0 };
    });
    if (!borrowed) throw new Error('the maker gave a sound');
    // Cast: the maker above makes nothing else.
    return { sound: borrowed.sound as Sound, release: borrowed.release };
  };
  return { cache, made, borrow };
}

describe('SoundCache', () => {
  it('forgets what was longest not heard, where the bound is passed', async () => {
    const { made, borrow } = createCache(100);
    const first = await borrow('a', 40);
    first.release();
    (await borrow('b', 40)).release();
    (await borrow('a', 40)).release();
    (await borrow('c', 40)).release();
    expect(made).toEqual(['a', 'b', 'c']);
    expect(first.sound.isClosed).toBe(false);
    (await borrow('b', 40)).release();
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    expect(first.sound.isClosed).toBe(true);
  });

  it('keeps what somebody hears, whatever its size, until nobody does', async () => {
    const { borrow } = createCache(100);
    const one = await borrow('a', 500);
    const other = await borrow('a', 500);
    one.release();
    (await borrow('b', 10)).release();
    expect(one.sound.isClosed).toBe(false);
    other.release();
    expect(one.sound.isClosed).toBe(true);
  });

  it('forgets what could not be made', async () => {
    const { cache, borrow } = createCache(100);
    await expect(cache.borrow('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.borrow('a', async () => undefined)).toBeUndefined();
    expect((await borrow('a', 1)).sound.sizeBytes).toBe(1);
  });

  it('closes all that it has', async () => {
    const { cache, borrow } = createCache(100);
    const [a, b] = [await borrow('a', 1), await borrow('b', 1)];
    a.release();
    cache.close();
    expect([a.sound.isClosed, b.sound.isClosed]).toEqual([true, true]);
  });

  it('closes what is being made when it is closed', async () => {
    const cache = new SoundCache(100);
    const sound = new Sound([new Uint8Array(1)], 20);
    const borrowed = cache.borrow('a', async () => ({ sound, sourceBytes: 0 }));
    cache.close();
    expect([await borrowed, sound.isClosed]).toEqual([undefined, true]);
  });
});

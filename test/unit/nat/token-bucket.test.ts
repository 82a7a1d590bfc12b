import { describe, expect, test } from 'vitest';
import { TokenBucket } from '../../../nat/token-bucket.ts';

describe('TokenBucket', () => {
  test("gives a second's worth at once, and then what the time brings", () => {
    const bucket = new TokenBucket(100);
    expect([bucket.take(0, 100), bucket.take(0, 1)]).toEqual([true, false]);
    expect([bucket.take(500, 51), bucket.take(500, 50)]).toEqual([false, true]);
    expect([bucket.take(60_000, 101), bucket.take(60_000, 100)]).toEqual([false, true]);
  });
});

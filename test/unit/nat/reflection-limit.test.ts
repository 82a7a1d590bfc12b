import { describe, expect, test } from 'vitest';
import { ReflectionLimit } from '../../../nat/reflection-limit.ts';

describe('ReflectionLimit', () => {
  test('limits an address, and hardly ever another with it', () => {
    const limit = new ReflectionLimit(7);
    const answers = Array.from({ length: 200 }, () => limit.take(0, '192.0.2.1'));
    expect(answers.filter(Boolean)).toHaveLength(50);
    const others = Array.from({ length: 1000 }, (_, i) => `198.51.${100 + (i >> 8)}.${i & 255}`);
    expect(others.filter((address) => limit.take(0, address)).length).toBeGreaterThan(990);
    expect(limit.take(1000, '192.0.2.1')).toBe(true);
  });
});

import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { NonceMint } from '../../../../signaling/digest/nonce.ts';
import { NonceCounts } from '../../../../signaling/digest/nonce-counts.ts';

const LIFETIME_MS = 300_000;

function counts(maxNonces = 100) {
  return new NonceCounts({ lifetimeMs: LIFETIME_MS, maxNonces });
}

describe('NonceCounts', () => {
  test.each([
    { name: 'in order', uses: [1, 2, 3], expected: ['fresh', 'fresh', 'fresh'] },
    { name: 'the same twice', uses: [1, 1], expected: ['fresh', 'replayed'] },
    { name: 'overtaken', uses: [1, 3, 2, 2], expected: ['fresh', 'fresh', 'fresh', 'replayed'] },
    { name: 'the edge of the window', uses: [40, 9, 8], expected: ['fresh', 'fresh', 'replayed'] },
    {
      name: 'a jump over the window',
      uses: [1, 100, 99, 1],
      expected: ['fresh', 'fresh', 'fresh', 'replayed'],
    },
    { name: 'a jump of exactly the window', uses: [1, 33, 1], expected: ['fresh', 'fresh', 'replayed'] },
    {
      name: 'a jump of exactly the window behind two uses',
      uses: [1, 2, 34, 33],
      expected: ['fresh', 'fresh', 'fresh', 'fresh'],
    },
    { name: 'a jump of one less', uses: [1, 32, 1, 2], expected: ['fresh', 'fresh', 'replayed', 'fresh'] },
    {
      name: 'the largest count',
      uses: [0xffff_fffe, 0xffff_ffff, 0xffff_ffff],
      expected: ['fresh', 'fresh', 'replayed'],
    },
    { name: 'without counts', uses: [0, 0, 1], expected: ['fresh', 'replayed', 'replayed'] },
    { name: 'a count, then without', uses: [1, 0, 2], expected: ['fresh', 'replayed', 'fresh'] },
  ])('$name', ({ uses, expected }) => {
    const table = counts();
    const nonce = { serial: 1, issuedAt: 0 };
    expect(uses.map((count) => table.use(10, nonce, count))).toEqual(expected);
  });

  test('a nonce is stale when its life is over, and leaves the table', () => {
    const table = counts();
    table.use(0, { serial: 1, issuedAt: 0 }, 1);
    expect(table.use(LIFETIME_MS - 1, { serial: 1, issuedAt: 0 }, 2)).toBe('fresh');
    expect(table.nextTimeoutAt()).toBe(LIFETIME_MS);
    expect(table.use(LIFETIME_MS, { serial: 1, issuedAt: 0 }, 3)).toBe('stale');
    expect(table.size).toBe(0);
    expect(table.nextTimeoutAt()).toBeUndefined();
  });

  test('a full table forgets its oldest nonce, which is stale from then on', () => {
    const table = counts(2);
    for (const serial of [1, 2, 3]) table.use(10, { serial, issuedAt: serial }, 1);
    expect(table.size).toBe(2);
    expect(table.use(11, { serial: 1, issuedAt: 1 }, 1)).toBe('stale');
    expect(table.use(11, { serial: 3, issuedAt: 3 }, 1)).toBe('replayed');
  });
});

describe('NonceMint', () => {
  const mint = new NonceMint(new SeededRandom(1));

  test('opens its own nonces', () => {
    const nonce = mint.issue(12_345);
    expect(mint.open(nonce)?.issuedAt).toBe(12_000);
    expect(mint.open(mint.issue(12_345))?.serial).not.toBe(mint.open(nonce)?.serial);
  });

  test('does not open a nonce of another mint, nor one that was changed anywhere', () => {
    const nonce = mint.issue(1000);
    expect(new NonceMint(new SeededRandom(2)).open(nonce)).toBeUndefined();
    for (let at = 0; at < nonce.length; at += 1) {
      const other = nonce[at] === '0' ? '1' : '0';
      expect(mint.open(nonce.slice(0, at) + other + nonce.slice(at + 1))).toBeUndefined();
    }
    expect(mint.open('')).toBeUndefined();
    expect(mint.open(nonce.toUpperCase().padEnd(48, 'A'))).toBeUndefined();
  });
});

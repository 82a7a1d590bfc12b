import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSoundFile } from '../../../../media/index.ts';
import { type PromptName, Prompts, peoplePrompts } from '../../../../server/room/prompts.ts';

describe('peoplePrompts()', () => {
  it.each<{ count: number; expected: readonly PromptName[] }>([
    { count: 0, expected: ['only-one'] },
    { count: 1, expected: ['only-one'] },
    { count: 2, expected: ['there-are', '2', 'people'] },
    { count: 20, expected: ['there-are', '20', 'people'] },
    { count: 21, expected: ['there-are', '20', '1', 'people'] },
    { count: 30, expected: ['there-are', '30', 'people'] },
    { count: 99, expected: ['there-are', '90', '9', 'people'] },
    { count: 100, expected: ['there-are', 'more-than', '90', '9', 'people'] },
    { count: 5000, expected: ['there-are', 'more-than', '90', '9', 'people'] },
  ])('says $count', ({ count, expected }) => {
    expect(peoplePrompts(count)).toEqual(expected);
  });
});

describe('Prompts', () => {
  it('has every number, in files that can be played', () => {
    const prompts = new Prompts(undefined);
    for (let count = 0; count <= 100; count += 1) {
      for (const prompt of peoplePrompts(count)) {
        const path = prompts.path(prompt);
        expect(existsSync(path), path).toBe(true);
      }
    }
    const path = prompts.path('enter-pin');
    expect(readSoundFile(readFileSync(path), path).type).toBe('opus');
  });

  it('takes those of a configured folder, and our own where it has none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchcord-prompts-'));
    writeFileSync(join(folder, 'full.wav'), '');
    const prompts = new Prompts(folder);
    expect(prompts.path('full')).toBe(join(folder, 'full.wav'));
    expect(prompts.path('locked')).toMatch(/server\/room\/prompts\/en\/locked\.opus$/);
  });
});

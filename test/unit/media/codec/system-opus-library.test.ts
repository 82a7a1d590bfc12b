import { describe, expect, it } from 'vitest';
import { loadSystemLibopus } from '../../../../media/codec/system-opus-library.ts';

describe('loadSystemLibopus()', () => {
  it('says what to install where libopus is missing', async () => {
    await expect(loadSystemLibopus(['libopus.so.none', 'libopus.so.neither'])).rejects.toThrow(
      /"system" of Opus needs libopus: run "apt install libopus0".*libopus\.so\.none/,
    );
  });
});

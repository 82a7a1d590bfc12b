import { afterEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../../core/index.ts';
import { opusWasmLibrary } from '../../../../media/codec/opus-wasm-library.ts';
import { opusscriptLibrary } from '../../../../media/codec/opusscript-library.ts';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import { CodecSource } from '../../../../media/transcode/index.ts';
import { PCMU } from './legs.ts';

const OPUS: PayloadFormat = { payloadType: 96, encoding: 'opus', clockRateHz: 48_000, channels: 2 };

afterEach(() => vi.restoreAllMocks());

describe('CodecSource', () => {
  it('makes codecs as SDP negotiated them', async () => {
    const codec = await new CodecSource(silentLog).create({ ...PCMU, payloadType: 99 });
    expect(codec?.description).toMatchObject({ encoding: 'pcmu', payloadType: 99 });
  });

  it('makes Opus by the engine that was chosen, which it loads once', async () => {
    const [usual, chosen] = [vi.spyOn(opusWasmLibrary, 'load'), vi.spyOn(opusscriptLibrary, 'load')];
    const codecs = new CodecSource(silentLog, 'opusscript');
    for (const codec of [await codecs.create(OPUS), await codecs.create(OPUS)]) codec?.close();
    expect([usual.mock.calls.length, chosen.mock.calls.length]).toEqual([0, 1]);
  });

  it.each([
    { name: 'an unknown encoding', format: { ...PCMU, encoding: 'speex' } },
    { name: 'a rate that is not resampled', format: { ...PCMU, encoding: 'l16', clockRateHz: 11_025 } },
    { name: 'channels that are not mixed', format: { ...PCMU, encoding: 'l16', channels: 3 } },
  ])('has no codec for $name', async ({ format }) => {
    expect(await new CodecSource(silentLog).create(format)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { formatOpusParameters, opusEncodingFor } from '../../../../media/codec/opus-parameters.ts';

const full = { sampleRateHz: 48_000, soundChannels: 1 } as const;
const stereo = { sampleRateHz: 48_000, soundChannels: 2 } as const;
const narrow = { sampleRateHz: 8000, soundChannels: 1 } as const;

describe('formatOpusParameters()', () => {
  it.each([
    { name: 'full band, mono', sound: full, expected: 'useinbandfec=1' },
    { name: 'stereo', sound: stereo, expected: 'useinbandfec=1;stereo=1;sprop-stereo=1' },
    {
      name: 'narrow band',
      sound: narrow,
      expected: 'useinbandfec=1;maxplaybackrate=8000;sprop-maxcapturerate=8000',
    },
  ])('says what departs from the defaults of RFC 7587 §6.1: $name', ({ sound, expected }) => {
    expect(formatOpusParameters(sound)).toBe(expected);
  });
});

describe('opusEncodingFor()', () => {
  it('takes the defaults of RFC 7587 §6.1 where the far end says nothing', () => {
    const defaults = {
      settings: { bitrateBps: 40_000, complexity: 5, expectedLossRatio: 0, dtx: false },
      maxBitrateBps: 510_000,
      audioBandwidthHz: 20_000,
      channels: 1,
      isConstantBitrate: false,
      wantsFec: false,
    };
    expect(opusEncodingFor(undefined, full)).toEqual(defaults);
    expect(opusEncodingFor('', full)).toEqual(defaults);
    expect(opusEncodingFor('', stereo)).toEqual(defaults);
  });

  it('gives the far end what it asks for, however it writes it', () => {
    expect(opusEncodingFor(' UseInbandFec = 1 ; usedtx=1;cbr=1; stereo=1;', stereo)).toMatchObject({
      settings: { bitrateBps: 64_000, dtx: true },
      channels: 2,
      isConstantBitrate: true,
      wantsFec: true,
    });
  });

  it('does not send stereo that we do not have', () => {
    expect(opusEncodingFor('stereo=1', full).channels).toBe(1);
  });

  it('takes no heed of what the far end says of its own sound', () => {
    expect(opusEncodingFor('sprop-stereo=1;sprop-maxcapturerate=8000', stereo)).toEqual(
      opusEncodingFor('', stereo),
    );
  });

  it.each([
    { rate: '8000', audioBandwidthHz: 4000, bitrateBps: 12_000 },
    { rate: '11025', audioBandwidthHz: 4000, bitrateBps: 12_000 },
    { rate: '12000', audioBandwidthHz: 6000, bitrateBps: 16_000 },
    { rate: '16000', audioBandwidthHz: 8000, bitrateBps: 24_000 },
    { rate: '24000', audioBandwidthHz: 12_000, bitrateBps: 32_000 },
    { rate: '32000', audioBandwidthHz: 12_000, bitrateBps: 32_000 },
    { rate: '44100', audioBandwidthHz: 20_000, bitrateBps: 40_000 },
    { rate: '48000', audioBandwidthHz: 20_000, bitrateBps: 40_000 },
    { rate: '1', audioBandwidthHz: 4000, bitrateBps: 12_000 },
    { rate: '96000', audioBandwidthHz: 20_000, bitrateBps: 40_000 },
    { rate: 'all', audioBandwidthHz: 20_000, bitrateBps: 40_000 },
  ])('sends nothing above what maxplaybackrate=$rate plays', ({ rate, audioBandwidthHz, bitrateBps }) => {
    const encoding = opusEncodingFor(`maxplaybackrate=${rate}`, full);
    expect(encoding).toMatchObject({ audioBandwidthHz, settings: { bitrateBps } });
  });

  it('spends no more bits on narrow sound because the far end could play more', () => {
    expect(opusEncodingFor('maxplaybackrate=48000', narrow)).toMatchObject({
      audioBandwidthHz: 4000,
      settings: { bitrateBps: 12_000 },
    });
  });

  it.each([
    { value: '20000', maxBitrateBps: 20_000, bitrateBps: 20_000 },
    { value: '100000', maxBitrateBps: 100_000, bitrateBps: 40_000 },
    { value: '0', maxBitrateBps: 6000, bitrateBps: 6000 },
    { value: '9999999999999', maxBitrateBps: 510_000, bitrateBps: 40_000 },
    { value: '-5', maxBitrateBps: 510_000, bitrateBps: 40_000 },
  ])('keeps below maxaveragebitrate=$value', ({ value, maxBitrateBps, bitrateBps }) => {
    expect(opusEncodingFor(`maxaveragebitrate=${value}`, full)).toMatchObject({
      maxBitrateBps,
      settings: { bitrateBps },
    });
  });
});

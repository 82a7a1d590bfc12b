import { describe, expect, it } from 'vitest';
import { ToneTaps } from '../../../../media/engine/tone-taps.ts';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import type { Leg, ToneTap } from '../../../../media/leg/index.ts';
import type { CodecSource } from '../../../../media/transcode/index.ts';
import { opusAs, PCMU, settle } from './media-lab.ts';

/** A leg whose sound is to be listened to, and decoders that are there when the test says so. */
function createTaps() {
  const made: { readonly encoding: string; finish(): void; isClosed: boolean }[] = [];
  const create = ({ encoding }: PayloadFormat) =>
    new Promise((resolve) => {
      const entry = {
        encoding,
        isClosed: false,
        finish: () =>
          resolve({
            close: () => {
              entry.isClosed = true;
            },
          }),
      };
      made.push(entry);
    });
  const leg = {
    remote: { detectsTones: true },
    receiveFormats: [PCMU] as readonly PayloadFormat[],
    toneTap: undefined as ToneTap | undefined,
  };
  // Casts: taps use no more of a leg, of the codecs and of a decoder than this.
  const taps = new ToneTaps({ codecs: { create } as unknown as CodecSource, onDigit: () => {} });
  const refresh = (...formats: readonly PayloadFormat[]) => {
    leg.receiveFormats = formats;
    return taps.refresh(leg as unknown as Leg);
  };
  return { leg, made, refresh, release: () => taps.release(leg as unknown as Leg) };
}

describe('ToneTaps', () => {
  it('listens to what the last SDP says, and closes what was made for others, whatever is ready first', async () => {
    const { leg, made, refresh, release } = createTaps();
    const refreshed = [refresh(PCMU), refresh(opusAs(96)), refresh(PCMU)];
    expect(made.map(({ encoding }) => encoding)).toEqual(['pcmu', 'opus', 'pcmu']);
    for (const { finish } of made) finish();
    await Promise.all(refreshed);
    expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    release();
    expect([made[2]?.isClosed, leg.toneTap]).toEqual([true, undefined]);
  });

  it('makes nothing anew for a repeated SDP', async () => {
    const { made, refresh } = createTaps();
    const refreshed = [refresh(PCMU), refresh(PCMU)];
    made[0]?.finish();
    await Promise.all(refreshed);
    await refresh(PCMU);
    expect(made).toHaveLength(1);
  });

  it('does not listen to a leg that was closed while a decoder loaded', async () => {
    const { leg, made, refresh, release } = createTaps();
    const refreshed = refresh(PCMU);
    release();
    made[0]?.finish();
    await refreshed;
    await settle();
    expect([made[0]?.isClosed, leg.toneTap]).toEqual([true, undefined]);
  });
});

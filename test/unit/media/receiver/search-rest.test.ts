// How often a receiver searches for a period in sound that has none.
import { describe, expect, it } from 'vitest';
import { pcmuDescription } from '../../../../media/index.ts';
import { VoiceReceiver } from '../../../../media/receiver/index.ts';
import { FlatCodec, frame, ScriptedBuffer } from './steps.ts';

/** Each packet is noise, loud enough to be no background. */
class NoiseCodec extends FlatCodec {
  #seed = 7;

  override decode(): Int16Array {
    return Int16Array.from({ length: 160 }, () => {
      this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) | 0;
      return (this.#seed / 2 ** 31) * 8000;
    });
  }
}

describe('VoiceReceiver', () => {
  it.each([
    { name: 'one packet in five, where it may wait', stretchMs: -6, searches: 4 },
    { name: 'every packet, where much is to be left out', stretchMs: -15, searches: 20 },
  ])('searches noise for a period in $name', ({ stretchMs, searches }) => {
    const buffer = new ScriptedBuffer(Array.from({ length: 20 }, () => frame(1, 0, stretchMs)));
    const voice = new VoiceReceiver({ buffer });
    voice.setCodecs(new Map([[0, new NoiseCodec(pcmuDescription)]]));
    for (let now = 0; now < 400; now += 20) voice.read(now, 20);
    // Nothing was found.
    expect(buffer.stretched).toHaveLength(searches);
    expect(buffer.stretched.every((ms) => Math.abs(ms) === 0)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { ReadyPayloads } from '../../../../media/tone/encoded-sound.ts';
import { SoundPlayer } from '../../../../media/tone/index.ts';
import { createLeg, PCMU } from '../transcode/legs.ts';

/** A sound of ten packets that begins now, to a party that takes PCMU. */
function createPlayer() {
  const { leg, sent } = createLeg();
  const payloads = Array.from({ length: 10 }, (_, i) => new Uint8Array(160).fill(i));
  const player = new SoundPlayer(0, {
    leg,
    sound: new ReadyPayloads(payloads, 20),
    format: PCMU,
    loop: false,
    onDone: () => {},
  });
  return { player, sent };
}

describe('SoundPlayer', () => {
  it('makes up for a beat that is a little late', () => {
    const { player, sent } = createPlayer();
    player.handleTimeout(0);
    player.handleTimeout(150);
    expect(player.nextTimeoutAt()).toBe(40);
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 160]);
  });

  it('sends no burst after a stall: its time passes in the stream, and the sound goes on where it was', () => {
    const { player, sent } = createPlayer();
    for (const now of [0, 20, 3000, 3000]) player.handleTimeout(now);
    expect(player.nextTimeoutAt()).toBe(3020);
    expect(sent.map(({ payload }) => payload[0])).toEqual([0, 1, 2, 3]);
    expect(sent.map(({ timestamp }) => timestamp)).toEqual([0, 160, 320, 3000 * 8]);
  });
});

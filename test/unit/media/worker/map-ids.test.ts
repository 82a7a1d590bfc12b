// Events of a worker get the numbers of the main thread.
import { describe, expect, it } from 'vitest';
import { mapIds } from '../../../../media/worker/map-ids.ts';

const MAPS = {
  leg: (remoteId: number) => (remoteId < 10 ? 100 + remoteId : undefined),
  room: (remoteId: number) => (remoteId < 10 ? 200 + remoteId : undefined),
  recording: (remoteId: number) => 300 + remoteId,
};

describe('mapIds()', () => {
  it.each([
    { name: 'a leg', payload: { legId: 1, digit: '5' }, expected: { legId: 101, digit: '5' } },
    {
      name: 'a leg in a room',
      payload: { roomId: 2, legId: 1, isTalking: true },
      expected: { roomId: 202, legId: 101, isTalking: true },
    },
    {
      name: 'levels, but of legs that are gone',
      payload: { roomId: 2, levels: [{ legId: 1, levelDbov: -20 }, { legId: 11 }] },
      expected: { roomId: 202, levels: [{ legId: 101, levelDbov: -20 }] },
    },
    { name: 'a recording', payload: { recordingId: 3 }, expected: { recordingId: 303 } },
    { name: 'nothing where the leg is gone', payload: { roomId: 1, legId: 11 }, expected: undefined },
    { name: 'nothing where the room is gone', payload: { roomId: 11, legId: 1 }, expected: undefined },
  ])('maps $name', ({ payload, expected }) => {
    expect(mapIds(payload, MAPS)).toEqual(expected);
  });
});

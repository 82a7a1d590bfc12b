import { describe, expect, it } from 'vitest';
import { CallRecording } from '../../../../server/call/call-recording.ts';
import type { PartyMedia } from '../../../../server/call/party.ts';
import type { CallDependencies, CallRecorder } from '../../../../server/call/types.ts';
import { createWorld } from '../../../support/index.ts';

const FILES = ['/rec/a.opus', '/rec/a.jsonl'];

/** A call that is always recorded, by a recorder whose disk takes its time. */
function record() {
  const world = createWorld();
  let fail: (reason: string) => void = () => {};
  let written = () => {};
  const disk = new Promise<void>((resolve) => {
    written = resolve;
  });
  const told: (readonly string[])[] = [];
  const recorder: CallRecorder = {
    start: async (_what, onFailed = () => {}) => {
      fail = onFailed;
      return { files: FILES, note: () => {}, stop: () => disk.then(() => FILES) };
    },
  };
  // Cast: a recording uses no more of what a call stands on.
  const dependencies = {
    runtime: world.host('server', { addresses: ['192.0.2.1'] }),
    records: { recorded: (_uniqueid: string, files: readonly string[]) => told.push(files) },
    recorder,
    settings: { recording: { calls: 'always', beep: false } },
  } as unknown as CallDependencies;
  const parties = [{ legId: 1 }, { legId: 2 }] as unknown as PartyMedia[];
  const recording = new CallRecording({ dependencies, uniqueid: '1.1', title: 'a', parties });
  recording.begin();
  return { world, recording, told, fail: () => fail('the disk is full'), written };
}

describe('CallRecording', () => {
  it('names its files at the end of the call also where it has just failed', async () => {
    const { world, recording, told, fail, written } = record();
    await world.settle();
    expect(told).toEqual([FILES]);
    fail();
    const closed = recording.close();
    await world.settle();
    written();
    expect(await world.complete(closed)).toEqual(FILES);
  });
});

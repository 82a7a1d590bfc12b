import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../../core/index.ts';
import type {
  MediaEngine,
  MediaEngineEvents,
  RecordingOptions,
  RecordingReport,
} from '../../../../media/index.ts';
import { Recorder } from '../../../../server/recording/index.ts';
import { createWorld } from '../../../support/index.ts';

/** An engine that records names, and stops when it is let. */
class FakeEngine extends Emitter<MediaEngineEvents> {
  readonly names: string[] = [];
  isStuck = false;
  isDead = false;

  async startRecording(_target: unknown, { folder, name }: RecordingOptions) {
    this.names.push(name);
    return { recordingId: this.names.length, files: [`${folder}/${name}.opus`] };
  }

  stopRecording(recordingId: number): Promise<RecordingReport> {
    const files = [`${this.names[recordingId - 1]}.opus`, 'all of them'];
    const report = { recordingId, files, durationMs: 1, sizeBytes: 1, failure: null };
    if (this.isDead) return Promise.reject(new Error('the worker ended'));
    return this.isStuck ? new Promise(() => {}) : Promise.resolve(report);
  }
}

function createRecorder() {
  const world = createWorld();
  const engine = new FakeEngine();
  const recorder = new Recorder({
    runtime: world.host('server', { addresses: ['192.0.2.1'] }),
    // Cast: a recorder uses no more of the engine than this.
    media: engine as unknown as MediaEngine,
    settings: { folder: '/rec', format: 'opus', tracks: true },
  });
  return { world, engine, recorder };
}

const target = { legIds: [1, 2] };

describe('Recorder', () => {
  it('names recordings by time and title, and two of one second apart', async () => {
    const { engine, recorder } = createRecorder();
    for (const title of ['alice bob', 'alice bob', 'sip:../x@example.org "eve"']) {
      await recorder.start({ target, title });
    }
    const time = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d /;
    expect(engine.names.every((name) => time.test(name))).toBe(true);
    expect(engine.names.map((name) => name.replace(time, ''))).toEqual([
      'alice bob',
      'alice bob 2',
      'sip_.._x@example.org _eve_',
    ]);
  });

  it('gives the name of one that is over to no other of the same second: its files are there', async () => {
    const { world, engine, recorder } = createRecorder();
    for (let i = 0; i < 2; i += 1) await (await recorder.start({ target, title: 'a' })).stop();
    await world.run(1000);
    await recorder.start({ target, title: 'a' });
    expect(engine.names.map((name) => name.slice('2026-11-27T10-00-00 '.length))).toEqual(['a', 'a 2', 'a']);
  });

  it('tells whoever asked for it that it failed, and nobody else', async () => {
    const { engine, recorder } = createRecorder();
    const told: string[] = [];
    await recorder.start({ target, title: 'a' }, (reason) => told.push(`a: ${reason}`));
    const b = await recorder.start({ target, title: 'b' }, (reason) => told.push(`b: ${reason}`));
    await b.stop();
    for (const recordingId of [1, 2, 99]) engine.emit('recordingFailed', { recordingId, reason: 'full' });
    expect(told).toEqual(['a: full']);
  });

  it('names what it knew of where the engine is gone', async () => {
    const { engine, recorder } = createRecorder();
    const { files, stop } = await recorder.start({ target, title: 'a' });
    engine.isDead = true;
    expect(await stop()).toEqual(files);
  });

  it('gives up a disk that does not answer after five seconds, and names what it knew of', async () => {
    const { world, engine, recorder } = createRecorder();
    const { files, stop } = await recorder.start({ target, title: 'a' });
    engine.isStuck = true;
    const stopped = stop();
    expect(await world.complete(stopped)).toEqual(files);
    expect(world.clock.now()).toBeGreaterThanOrEqual(5000);
  });
});

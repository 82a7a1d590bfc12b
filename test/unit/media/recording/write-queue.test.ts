import { describe, expect, it } from 'vitest';
import { MAX_WAITING_BYTES, WriteQueue } from '../../../../media/recording/write-queue.ts';
import { MemoryRecordings } from '../../../support/memory-recordings.ts';

function createQueue() {
  const disk = new MemoryRecordings();
  const failures: string[] = [];
  const queue = new WriteQueue(disk, (reason) => failures.push(reason));
  return { disk, failures, queue };
}

const text = (words: string) => new TextEncoder().encode(words);
const read = (disk: MemoryRecordings, path: string) => new TextDecoder().decode(disk.read(path));

describe('WriteQueue', () => {
  it('writes in order for each file, wherever it is told to', async () => {
    const { disk, failures, queue } = createQueue();
    const [a, b] = [queue.open('/a'), queue.open('/b')];
    a.append(text('one '));
    b.append(text('other'));
    a.append(text('two'));
    a.write(text('ONE'), 0);
    expect(queue.isWorking).toBe(true);
    await queue.close();
    expect([read(disk, '/a'), read(disk, '/b')]).toEqual(['ONE two', 'other']);
    expect([queue.isWorking, disk.openCount, failures.length]).toEqual([false, 0, 0]);
  });

  it('tells the first failure alone, and never within a call', async () => {
    const { disk, failures, queue } = createQueue();
    const file = queue.open('/a');
    disk.roomBytes = 3;
    file.append(text('too much'));
    file.append(text('more'));
    expect(failures).toEqual([]);
    await file.written;
    file.append(text('ever more'));
    await queue.close();
    expect(failures).toEqual(['the disk is full']);
    expect(queue.failure).toBe('the disk is full');
    expect(read(disk, '/a')).toBe('too');
    expect(disk.openCount).toBe(0);
  });

  it('a last word is written in spite of a failure, behind what was', async () => {
    const { disk, queue } = createQueue();
    const [a, b] = [queue.open('/a'), queue.open('/b')];
    a.append(text('said'));
    await a.written;
    b.write(new Uint8Array(MAX_WAITING_BYTES + 1), 0);
    await b.written;
    a.append(text(' unsaid'));
    a.appendLast(text(' and done'));
    await queue.close();
    expect(queue.failure).toBe('the disk is too slow');
    expect(read(disk, '/a')).toBe('said and done');
  });

  it('a file that cannot be made fails the queue with the words of a person', async () => {
    const { failures, queue } = createQueue();
    queue.open('/missing/a').append(text('x'));
    await queue.close();
    expect(failures).toEqual(['the folder is not there']);
  });
});

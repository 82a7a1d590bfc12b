import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endWhenClosed } from '../../../cli/closed-output.ts';

function failWith(code: string): number[] {
  const output = new EventEmitter();
  const statuses: number[] = [];
  endWhenClosed(output, (status) => statuses.push(status));
  output.emit('error', Object.assign(new Error(`write ${code}`), { code }));
  return statuses;
}

describe('an output that cannot be written', () => {
  it('ends the command with status 0 where its reader has closed it', () => {
    expect(failWith('EPIPE')).toEqual([0]);
  });

  it('stays an error where it fails for another reason', () => {
    expect(() => failWith('ENOSPC')).toThrow('write ENOSPC');
  });
});

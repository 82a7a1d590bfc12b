import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { IMPAIRMENTS, portRangeOf, senderTestOf } from '../../../cli/impair-options.ts';
import { SeededRandom, UsageError } from '../../../core/index.ts';
import type { LinkOptions, Packet } from '../../../media/index.ts';
import { makeTempFolder } from '../../support/peers/temp-folder.ts';

const folder = makeTempFolder('impair');
afterAll(() => folder.remove());

function fileOf(name: string, text: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  return path;
}

/** What an option does to a link. */
function read(flag: string, text: string): LinkOptions {
  const option = IMPAIRMENTS.find((one) => one.flag === flag);
  if (!option) throw new Error(`no option ${flag}`);
  return option.read(`--${flag}`, text);
}

const ENDPOINT = { address: '192.0.2.1', port: 1 };
const PACKET: Packet = { protocol: 'udp', source: ENDPOINT, destination: ENDPOINT, bytes: new Uint8Array(1) };

/** Fates of packets under the loss of an option: `.` passed, `x` lost. */
function fates(text: string, count: number): string {
  const isLost = read('loss', text).loss?.start(new SeededRandom(1));
  return Array.from({ length: count }, () => (isLost?.(PACKET) ? 'x' : '.')).join('');
}

const shareOf = (text: string) => text.replaceAll('.', '').length / text.length;

describe('the options of patchcord impair', () => {
  it('lose a share at random', () => {
    expect(shareOf(fates('10%', 20_000))).toBeCloseTo(0.1, 2);
    expect(fates('0%', 100)).toBe('.'.repeat(100));
    expect(fates('100%', 100)).toBe('x'.repeat(100));
  });

  it('lose a share in bursts', () => {
    const text = fates('burst:10%,4', 100_000);
    expect(shareOf(text)).toBeCloseTo(0.1, 1);
    const bursts = text.match(/x+/g) ?? [];
    expect(bursts.join('').length / bursts.length).toBeCloseTo(4, 0);
  });

  it('lose by a file', () => {
    expect(fates(`pattern:${fileOf('pattern', '001\n01 ')}`, 10)).toBe('..x.x..x.x');
  });

  it.each([
    { flag: 'delay', text: '20ms', expected: { delayMs: 20 } },
    { flag: 'jitter', text: '40ms', expected: { jitterMs: 40 } },
    { flag: 'reorder', text: '1.5%', expected: { reorderRatio: 0.015 } },
    { flag: 'duplicate', text: '2%', expected: { duplicateRatio: 0.02 } },
    { flag: 'rate', text: '64k', expected: { rateBitsPerSecond: 64_000 } },
    { flag: 'rate', text: '1.5M', expected: { rateBitsPerSecond: 1_500_000 } },
    { flag: 'rate', text: '800', expected: { rateBitsPerSecond: 800 } },
  ])('--$flag $text', ({ flag, text, expected }) => {
    expect(read(flag, text)).toMatchObject(expected);
  });

  it('replay a recording', () => {
    const trace = { sentAt: [0, 20], delaysMs: [5, null], lengthMs: 40 };
    expect(read('jitter', `trace:${fileOf('trace.csv', 'send_ms,recv_ms\n0,5\n20,\n')}`)).toEqual({
      jitterMs: 0,
      trace,
    });
  });

  it.each([
    { flag: 'loss', text: '10', mend: 'as in 10%' },
    { flag: 'loss', text: '101%', mend: 'from 0% to 100%' },
    { flag: 'loss', text: 'burst:10%', mend: 'as in burst:10%,3' },
    { flag: 'loss', text: 'burst:10%,0.5', mend: 'as in burst:10%,3' },
    { flag: 'loss', text: 'burst:90%,1', mend: 'less loss or longer bursts' },
    { flag: 'loss', text: 'burst:100%,3', mend: 'less loss or longer bursts' },
    { flag: 'loss', text: 'pattern:/nowhere', mend: 'cannot be read' },
    { flag: 'loss', text: `pattern:${fileOf('words', 'abc')}`, mend: '0 (passed) and 1 (lost)' },
    { flag: 'loss', text: `pattern:${fileOf('empty', '')}`, mend: '0 (passed) and 1 (lost)' },
    { flag: 'delay', text: '20', mend: 'as in 40ms' },
    { flag: 'delay', text: '60001ms', mend: 'up to 60000ms' },
    { flag: 'jitter', text: '-1ms', mend: 'as in 40ms' },
    { flag: 'jitter', text: `trace:${fileOf('bad.csv', '0,1\n20,x\n')}`, mend: 'line 2' },
    { flag: 'rate', text: '0', mend: 'as in 64k' },
    { flag: 'rate', text: '64kbit', mend: 'as in 64k' },
  ])('refuse --$flag $text and say what it should be', ({ flag, text, mend }) => {
    expect(() => read(flag, text)).toThrow(UsageError);
    expect(() => read(flag, text)).toThrow(mend);
    expect(() => read(flag, text)).toThrow(`--${flag}`);
  });
});

describe('portRangeOf()', () => {
  it.each([
    { text: '127.0.0.1:5060', expected: { address: '127.0.0.1', port: 5060, count: 1 } },
    { text: '127.0.0.1:20000-20003', expected: { address: '127.0.0.1', port: 20_000, count: 4 } },
    { text: '[::1]:5060-5061', expected: { address: '::1', port: 5060, count: 2 } },
  ])('reads $text', ({ text, expected }) => {
    expect(portRangeOf('--listen', text)).toEqual(expected);
  });

  it.each([
    '5060',
    'localhost:5060',
    '127.0.0.1',
    '127.0.0.1:0',
    '127.0.0.1:70000',
    '127.0.0.1:20-10',
    '127.0.0.1:1-70000',
    '127.0.0.1:1-1001',
    '127.0.0.1:1-',
    '',
  ])('refuses "%s"', (text) => {
    expect(() => portRangeOf('--listen', text)).toThrow(UsageError);
  });
});

describe('senderTestOf()', () => {
  it.each([
    { text: '127.0.0.1', sender: { address: '127.0.0.1', port: 9 }, expected: true },
    { text: '127.0.0.1', sender: { address: '127.0.0.2', port: 9 }, expected: false },
    { text: '127.0.0.1:9', sender: { address: '127.0.0.1', port: 9 }, expected: true },
    { text: '127.0.0.1:9', sender: { address: '127.0.0.1', port: 10 }, expected: false },
    { text: '127.0.0.1:9-11', sender: { address: '127.0.0.1', port: 11 }, expected: true },
    { text: '::1', sender: { address: '::1', port: 11 }, expected: true },
  ])('--only $text means $sender.address:$sender.port: $expected', ({ text, sender, expected }) => {
    expect(senderTestOf('--only', text)(sender)).toBe(expected);
  });
});

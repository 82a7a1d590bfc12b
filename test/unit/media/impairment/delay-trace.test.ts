import { describe, expect, it } from 'vitest';
import { DecodeError, SeededRandom } from '../../../../core/index.ts';
import {
  type DelayTrace,
  LinkDirection,
  parseDelayTrace,
  traceDelayAt,
} from '../../../../media/impairment/index.ts';

function traceOf(text: string): DelayTrace {
  const trace = parseDelayTrace(text);
  if (trace instanceof DecodeError) throw new Error(String(trace));
  return trace;
}

const TRACE = traceOf('send_ms,recv_ms\n0,5\n20,\n40,100\n');

describe('parseDelayTrace()', () => {
  it('reads delays and losses, and how long the recording is', () => {
    expect(TRACE).toEqual({ sentAt: [0, 20, 40], delaysMs: [5, null, 60], lengthMs: 60 });
  });

  it.each([
    { name: 'words', text: '0,1\nfoo,bar', place: 'line 2' },
    { name: 'a packet received before it was sent', text: '0,1\n20,19', place: 'line 2' },
    { name: 'a packet out of order', text: '20,21\n20,22', place: 'line 2' },
    { name: 'one column', text: '0\n20', place: 'line 1' },
    { name: 'no packets', text: 'send_ms,recv_ms\n', place: 'line 1' },
  ])('refuses $name and says where', ({ text, place }) => {
    expect(parseDelayTrace(text)).toMatchObject({ code: 'TRACE_BAD_ROW', place });
  });
});

describe('traceDelayAt()', () => {
  it.each([
    { at: 0, expected: 5 },
    { at: 19.9, expected: 5 },
    { at: 20, expected: null },
    { at: 59, expected: 60 },
    { at: 60, expected: 5 },
    { at: 60_045, expected: 60 },
  ])('is $expected ms at $at ms', ({ at, expected }) => {
    expect(traceDelayAt(TRACE, at)).toBe(expected);
  });
});

describe('a link with a trace', () => {
  const source = { address: '192.0.2.1', port: 1 };
  const packet = { protocol: 'udp', source, destination: source, bytes: new Uint8Array(10) } as const;

  it('begins it with the first packet, adds the delay, and keeps the order', () => {
    const link = new LinkDirection(new SeededRandom(1), { delayMs: 10, trace: TRACE });
    expect(link.transit(1000, packet)).toBe(1015);
    expect(link.transit(1020, packet)).toBe('lost by the link');
    expect(link.transit(1040, packet)).toBe(1110);
    expect(link.transit(1060, packet)).toBe(1110);
  });
});

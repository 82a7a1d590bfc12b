import { describe, expect, it } from 'vitest';
import { type PathReportFacts, pathReportOf, pathText } from '../../../../softphone/report/path.ts';

const SERVER = { address: '192.0.2.1', port: 10_000 };
const PEER = { address: '2001:db8::7', port: 50_000 };
const selected = {
  component: 1,
  base: 0,
  local: { address: '203.0.113.1', port: 61_000 },
  remote: PEER,
  localType: 'serverReflexive',
  remoteType: 'host',
  roundTripMs: 20,
} as const;
const facts: PathReportFacts = {
  selected,
  described: SERVER,
  isLite: false,
  firstFoundAt: 100,
  changes: 0,
  silentServers: [],
  hasServer: true,
  localText: '10.0.0.2:4000',
};
const none = { ...facts, selected: undefined, firstFoundAt: undefined };

const textOf = (some: PathReportFacts, setupMs: number | null = null) => {
  const report = pathReportOf(some, setupMs);
  return report && pathText(report);
};

describe('the path in reports', () => {
  it('has both ends, their types, and how it came about', () => {
    expect(pathReportOf({ ...facts, changes: 2 }, 84.2)).toEqual({
      kind: 'direct',
      localType: 'serverReflexive',
      remoteType: 'host',
      local: '203.0.113.1:61000',
      remote: '[2001:db8::7]:50000',
      setupMs: 84.2,
      changes: 2,
    });
  });

  it('is null where nothing was agreed on', () => {
    expect(pathReportOf({ ...none, described: undefined }, null)).toBeNull();
  });

  it.each([
    { name: 'direct', facts, text: 'direct (server-reflexive to host), found 84 ms after the answer' },
    {
      name: 'moved',
      facts: { ...facts, changes: 1 },
      text: 'direct (server-reflexive to host), found 84 ms after the answer, changed once',
    },
    {
      name: 'through a relay of ours',
      facts: { ...facts, selected: { ...selected, localType: 'relayed' as const }, changes: 2 },
      text: 'through a TURN relay (relayed to host), found 84 ms after the answer, changed 2 times',
    },
    {
      name: 'proven, and the server all the same',
      facts: { ...facts, selected: { ...selected, remote: SERVER, remoteType: 'relayed' as const } },
      text: 'through the server at 192.0.2.1:10000, found 84 ms after the answer',
    },
    {
      name: 'to a server that only answers checks',
      facts: { ...facts, isLite: true },
      text: 'through the server at [2001:db8::7]:50000, found 84 ms after the answer',
    },
  ])('is said in words: $name', ({ facts: some, text }) => {
    expect(textOf(some, 84.2)).toBe(text);
  });

  it('says where sound goes that nobody proved a path for', () => {
    expect(textOf(none)).toBe('through the server at 192.0.2.1:10000');
    expect(textOf({ ...none, hasServer: false })).toBe('to 192.0.2.1:10000, as the far end described it');
  });
});

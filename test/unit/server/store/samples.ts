// Two users and a call as a store keeps them.
import type { StoredUser } from '../../../../server/store/index.ts';
import { ha1sOf } from '../../../../signaling/index.ts';

export const ALICE: StoredUser = {
  name: 'alice',
  displayName: 'Alice "A" Ö',
  ha1s: ha1sOf({ username: 'alice', realm: 'r', password: 'p' }),
  forward: { busy: 'bob', noAnswer: { target: 'sip:a@b', afterSeconds: 5 } },
  source: 'command',
};
export const BOB: StoredUser = {
  ...ALICE,
  name: 'bob',
  displayName: undefined,
  forward: {},
  source: 'config',
};

export const START = Date.UTC(2026, 0, 1, 12, 0, 0, 250);
export const OPENED = { uniqueid: '1.1', src: 'alice', dst: 'bob', start: START, callId: 'one@a' };
export const CLOSED = {
  uniqueid: '1.1',
  lastDst: 'carol',
  answer: START + 2000,
  end: START + 65_999,
  disposition: 'ANSWERED',
  status: null,
  reason: 'alice hung up',
  quality: [],
  callIds: ['one@a', 'two%"b'],
  recordings: ['/rec/a.opus', '/rec/a.jsonl'],
} as const;

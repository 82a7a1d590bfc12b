import { expect, test } from 'vitest';
import { OperationError } from '../../../../core/index.ts';
import type { BranchMedia } from '../../../../server/call/branch.ts';
import { type RingOptions, ring } from '../../../../server/call/ring.ts';
import { sipUri } from '../../../../signaling/index.ts';
import { createWorld } from '../../../support/index.ts';

test('ring() closes every leg where an INVITE cannot even be made, and says so to the caller', async () => {
  const world = createWorld({ seed: 1 });
  const runtime = world.host('server', { addresses: ['192.0.2.1'] });
  const open = new Set<number>();
  const openMedia = async () => {
    const legId = open.size + 1;
    open.add(legId);
    return { offer: () => '', close: async () => open.delete(legId) };
  };
  const userAgent = {
    invite: () => {
      throw new OperationError('SIP_TOO_MANY_SESSIONS', 'there are too many sessions');
    },
  };
  const address = { displayName: undefined, uri: sipUri({ host: '192.0.2.2' }), parameters: new Map() };
  const target = { contact: address.uri, path: [], flow: undefined };
  const options = {
    dependencies: { runtime, userAgent },
    openMedia,
    targets: [target, target],
    from: address,
    to: address,
    headers: [],
    offer: undefined,
    maxForwards: 70,
    label: 'bob',
    ringMs: 1000,
    signal: new AbortController().signal,
    onRinging: () => {},
    onEarlyMedia: () => {},
    // Cast: of what calls stand on, only these are touched here.
  } as unknown as RingOptions<BranchMedia>;
  const outcome = await world.complete(ring(options));
  expect(outcome).toMatchObject({ cause: 'other', status: 500, reason: 'there are too many sessions' });
  expect(open.size).toBe(0);
  expect(world.tables()).toMatchObject({ 'server: timers': 0 });
});

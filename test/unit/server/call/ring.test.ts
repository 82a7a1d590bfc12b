import { expect, test } from 'vitest';
import { OperationError } from '../../../../core/index.ts';
import { MediaAddresses } from '../../../../server/call/media-addresses.ts';
import { type RingOptions, ring } from '../../../../server/call/ring.ts';
import { sipUri } from '../../../../signaling/index.ts';
import { createWorld } from '../../../support/index.ts';

test('ring() closes every leg where an INVITE cannot even be made, and says so to the caller', async () => {
  const world = createWorld({ seed: 1 });
  const runtime = world.host('server', { addresses: ['192.0.2.1'] });
  const open = new Set<number>();
  const media = {
    openLeg: async () => {
      open.add(open.size + 1);
      return { legId: open.size, rtpPort: 4000, rtcpPort: 4001, ssrc: 1, cname: 'x' };
    },
    closeLeg: async (legId: number) => void open.delete(legId),
  };
  const userAgent = {
    invite: () => {
      throw new OperationError('SIP_TOO_MANY_SESSIONS', 'there are too many sessions');
    },
  };
  const address = { displayName: undefined, uri: sipUri({ host: '192.0.2.2' }), parameters: new Map() };
  const target = { contact: address.uri, path: [], flow: undefined };
  const options = {
    dependencies: { runtime, media, userAgent, settings: {} },
    addresses: new MediaAddresses(runtime, undefined),
    targets: [target, target],
    from: address,
    to: address,
    headers: [],
    offer: undefined,
    maxForwards: 70,
    callKey: '1',
    label: 'bob',
    ringMs: 1000,
    signal: new AbortController().signal,
    onRinging: () => {},
    onEarlyMedia: () => {},
    // Cast: of what calls stand on, only these are touched here.
  } as unknown as RingOptions;
  const outcome = await world.complete(ring(options));
  expect(outcome).toMatchObject({ cause: 'other', status: 500, reason: 'there are too many sessions' });
  expect(open.size).toBe(0);
  expect(world.tables()).toMatchObject({ 'server: timers': 0 });
});

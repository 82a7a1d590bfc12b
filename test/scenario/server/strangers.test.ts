import { describe, expect } from 'vitest';
import { scenario } from '../../support/index.ts';
import { startPhoneSystem } from '../../support/phone-system.ts';
import { RawPeer } from '../signaling/session/raw-peer.ts';

const UNWANTED: { name: string; toTag?: string; headers: [string, string][]; status: number }[] = [
  { name: 'with an extension nobody knows', headers: [['Require', 'magic']], status: 420 },
  { name: 'without credentials', headers: [], status: 401 },
  { name: 'of a dialog nobody knows', toTag: 'guessed', headers: [], status: 481 },
];

describe('a stranger whose address may be forged', () => {
  for (const { name, toTag, headers, status } of UNWANTED) {
    scenario(
      `gets one answer to an INVITE ${name}, and nothing is remembered (RFC 3261 §8.2.7)`,
      { seed: 221 },
      async (world) => {
        const system = await startPhoneSystem(world, { users: { alice: {} } });
        const peer = await RawPeer.open(world);
        const send = () => peer.request('INVITE', 1, { headers, toTag, branch: 'z9hG4bKsame' });
        send();
        await world.run(40_000);
        expect(peer.statuses('INVITE', 1)).toEqual([status]);
        send();
        await world.run(100);
        expect(system.server.counts.transactions).toBe(0);
        const tags = peer.responses.map((response) => response.toTag);
        expect(tags).toHaveLength(2);
        expect(tags[0]).toBe(tags[1]);
        await world.complete(system.server.close());
      },
    );
  }
});

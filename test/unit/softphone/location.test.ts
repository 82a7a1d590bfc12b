import { describe, expect, it } from 'vitest';
import { locate } from '../../../softphone/location.ts';
import { createWorld } from '../../support/index.ts';

const account = { server: 'pbx.example', user: 'alice' };

describe('locate()', () => {
  it.each([
    { name: 'the name has no address', resolveHost: async () => [] },
    { name: 'DNS does not work', resolveHost: () => Promise.reject(new Error('EAI_AGAIN')) },
  ])('says what to check where $name', async ({ resolveHost }) => {
    const world = createWorld();
    const host = world.host('phone', { addresses: ['192.0.2.9'] });
    const runtime = Object.create(host, {
      network: { value: Object.create(host.network, { resolveHost: { value: resolveHost } }) },
    });
    await expect(world.complete(locate(runtime, { account }))).rejects.toThrow(
      'the server "pbx.example" has no address; check --server, and that DNS works here',
    );
  });

  it('says which option to change where an address is none of this machine', async () => {
    const world = createWorld();
    const host = world.host('phone', { addresses: ['192.0.2.9'] });
    await expect(world.complete(locate(host, { localAddress: '192.0.2.8' }))).rejects.toThrow(
      /192\.0\.2\.8 .*choose another with --local-address/,
    );
  });
});

import { beforeAll, describe, expect } from 'vitest';
import { type Network, type Runtime, silentLog } from '../../../core/index.ts';
import { InlineMediaEngine, loadCodecs } from '../../../media/index.ts';
import { createServer, MemoryStore } from '../../../server/index.ts';
import { type Host, scenario } from '../../support/index.ts';

const SERVER = '192.0.2.1';

// WebAssembly is compiled in real time; afterwards everything runs in the world's.
beforeAll(async () => void (await loadCodecs({ log: silentLog })));

describe('the start of a server', () => {
  scenario('SIP listens last: whoever asks it then is answered by the whole server', {}, async (world) => {
    const host = world.host('server', { addresses: [SERVER] });
    const bound: number[] = [];
    const server = await world.complete(
      createServer({
        runtime: watched(host, bound),
        store: new MemoryStore(),
        openMedia: (runtime) => new InlineMediaEngine(runtime),
        sip: { udp: [`${SERVER}:5060`], tcp: [`${SERVER}:5060`] },
      }),
    );
    expect(bound.slice(-2)).toEqual([5060, 5060]);
    expect(bound).toContain(3478);
    await world.complete(server.close());
  });
});

/** The host, with a list of the ports that were bound, in their order. */
function watched(host: Host, bound: number[]): Runtime {
  const network: Network = Object.create(host.network, {
    bindUdp: {
      value: (options: Parameters<Network['bindUdp']>[0]) => {
        bound.push(options.port);
        return host.network.bindUdp(options);
      },
    },
    listenTcp: {
      value: (options: Parameters<Network['listenTcp']>[0]) => {
        bound.push(options.port);
        return host.network.listenTcp(options);
      },
    },
  });
  return Object.create(host, { network: { value: network } });
}

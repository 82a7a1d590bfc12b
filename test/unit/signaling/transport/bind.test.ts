import { describe, expect, it } from 'vitest';
import { type Network, nodeNetwork, OperationError, UsageError } from '../../../../core/index.ts';
import { type BindOptions, bindSockets } from '../../../../signaling/transport/bind.ts';

interface Host {
  readonly network: Network;
  readonly open: Set<string>;
}

/** A host that hands out the ports of the list in turn, and has others taken: `tcp 4001`. */
function hostWith(options: { ports?: number[]; taken?: string[]; hasIpv6?: boolean }): Host {
  const { ports = [4000, 4001, 4002], taken = [], hasIpv6 = true } = options;
  const open = new Set<string>();
  const bind = (protocol: string, address: string, wanted: number) => {
    if (!hasIpv6 && address === '::') throw new OperationError('EAFNOSUPPORT', 'no IPv6');
    const port = wanted || (ports.shift() ?? 0);
    if (taken.includes(`${protocol} ${port}`)) throw new OperationError('EADDRINUSE', 'taken');
    const key = `${protocol} ${address} ${port}`;
    open.add(key);
    return { local: { address, port }, close: () => open.delete(key) };
  };
  const network: Network = {
    ...nodeNetwork,
    bindUdp: async ({ address, port }) => ({
      ...bind('udp', address, port),
      onDatagram: undefined,
      onError: undefined,
      send: () => {},
    }),
    listenTcp: async ({ address, port }) => ({ ...bind('tcp', address, port), onConnection: undefined }),
  };
  return { network, open };
}

const listen = (port: number, ...addresses: string[]): BindOptions[] =>
  addresses.flatMap((address) => [
    { protocol: 'udp' as const, address, port },
    { protocol: 'tcp' as const, address, port },
  ]);

describe('bindSockets()', () => {
  it('gives all entries with port 0 the same port', async () => {
    const { network, open } = hostWith({});
    await bindSockets(network, listen(0, '0.0.0.0', '::'));
    expect([...open].sort()).toEqual(['tcp 0.0.0.0 4000', 'tcp :: 4000', 'udp 0.0.0.0 4000', 'udp :: 4000']);
  });

  it('tries another port where one is taken for one of the protocols, and keeps nothing of the first', async () => {
    const { network, open } = hostWith({ taken: ['tcp 4000', 'tcp 4001'] });
    await bindSockets(network, listen(0, '0.0.0.0'));
    expect([...open].sort()).toEqual(['tcp 0.0.0.0 4002', 'udp 0.0.0.0 4002']);
  });

  it('gives up where a port that was asked for by number is taken, and closes what it had', async () => {
    const { network, open } = hostWith({ taken: ['tcp 5060'] });
    const error = await bindSockets(network, listen(5060, '0.0.0.0')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OperationError);
    expect(error).toMatchObject({
      code: 'SIP_LISTEN_FAILED',
      message: 'cannot listen on tcp 0.0.0.0:5060 (EADDRINUSE)',
    });
    expect(open.size).toBe(0);
  });

  it('does without IPv6 where the host has none', async () => {
    const { network, open } = hostWith({ hasIpv6: false });
    await bindSockets(network, listen(5060, '0.0.0.0', '::'));
    expect([...open].sort()).toEqual(['tcp 0.0.0.0 5060', 'udp 0.0.0.0 5060']);
  });

  it('names a transport that it does not have', async () => {
    const { network } = hostWith({});
    const wish = [{ protocol: 'tls' as const, address: '0.0.0.0', port: 5061 }];
    await expect(bindSockets(network, wish)).rejects.toThrow(UsageError);
  });
});

// What the tests of real sockets share: the loopbacks of this machine, and both ways to its kernel.
import {
  addressFamily,
  loadSystemCalls,
  type Network,
  nodeNetwork,
  PolledRuntime,
  releaseWakeup,
  type SystemCalls,
  silentLog,
} from '../../../core/index.ts';

const hasIpv6 = nodeNetwork.localAddresses().includes('::1');

/** Of IPv4, and of IPv6 where this machine has it. */
export const LOOPBACKS = ['127.0.0.1', '::1'].filter((address) => addressFamily(address) === 4 || hasIpv6);

/** Or why there are none here. */
export const loadedCalls = await loadSystemCalls().catch((error: Error) => error);

/** For the names of tests that need them. */
export const missing = loadedCalls instanceof Error ? ` (skipped: ${loadedCalls.message})` : '';

export const text = (value: string) => new TextEncoder().encode(value);

/** A network of the Linux fast path, whose thread looks for datagrams in every turn of the event loop. */
export function startPolled(calls: SystemCalls): { readonly network: Network; close(): void } {
  const runtime = new PolledRuntime(calls, silentLog);
  const turn = () => {
    runtime.runFor(0);
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const close = () => {
    clearImmediate(next);
    runtime.close();
    releaseWakeup(runtime.wakeup.fd);
  };
  return { network: runtime.network, close };
}

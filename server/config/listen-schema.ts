// Where something listens, as it stands in patchcord.yaml.
import { z } from 'zod';
import { addressFamily, parseHostPort } from '../../core/index.ts';

/** One `host:port` or several, with numeric hosts; none where it is `off`. */
export function listenOn(defaultPort: number) {
  const one = listenAddress(defaultPort);
  return z.union([
    z.literal('off').transform(() => []),
    z.literal(false).transform(() => []),
    one.transform((address) => [address]),
    z.array(one),
  ]);
}

/** `host:port` of a socket to listen on, with a numeric host. */
function listenAddress(defaultPort: number) {
  return z.union([z.string(), z.number()]).transform((value, context) => {
    const text = String(value);
    const parsed = /^\d+$/.test(text) ? { host: '0.0.0.0', port: Number(text) } : parseHostPort(text);
    const { host, port = defaultPort } = parsed ?? {};
    if (host !== undefined && addressFamily(host) && port <= 65_535) return { address: host, port };
    context.addIssue({
      code: 'custom',
      message: `should be a numeric address with a port, as in "0.0.0.0:${defaultPort}"`,
    });
    return z.NEVER;
  });
}

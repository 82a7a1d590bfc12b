// Our server on the measured core, with users that share a password.
import { type PatchcordServer, startPatchcordServer } from '../support/peers/patchcord.ts';
import { onServerCore } from './cores.ts';

export function startServerUnderTest(options: {
  readonly users: readonly string[];
  readonly password: string;
  /** Calls at once for which it needs ports. */
  readonly calls?: number;
}): Promise<PatchcordServer> {
  const calls = options.calls ?? 0;
  return startPatchcordServer({
    users: Object.fromEntries(options.users.map((user) => [user, options.password])),
    mediaPorts: Math.max(100, 4 * calls + 40),
    configuration: { maxCalls: Math.max(100, calls + 10), log: 'warn' },
    ...onServerCore,
  });
}

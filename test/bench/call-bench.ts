// Calls that our server sets up and ends in a CPU second: digest, two dialogs, two media legs, one record each.
import { cpuSeconds } from '../support/peers/cpu-time.ts';
import { findPeer, installHint } from '../support/peers/require-peer.ts';
import { CALLEE, CALLER, CallLoad, type CallLoadOptions, PASSWORD } from './call-load.ts';
import { complain, formatNumber, formatPercent } from './report.ts';
import { startServerUnderTest } from './server-under-test.ts';

const LOAD: CallLoadOptions = { calls: 3000, rate: 2000, limit: 50, durationMs: 0 };
const WARM_UP: CallLoadOptions = { ...LOAD, calls: 500 };
const ROUNDS = 3;
const LIMIT_MS = 120_000;

export async function benchCalls(): Promise<boolean> {
  process.stdout.write('\nCalls set up and ended, over UDP, 50 at a time\n');
  if (findPeer('sipp') === undefined) {
    process.stdout.write(`  ${installHint('sipp')}\n`);
    return true;
  }
  for (let round = 0; round < ROUNDS; round += 1) await measureRound();
  return true;
}

async function measureRound(): Promise<void> {
  const server = await startServerUnderTest({ users: [CALLER, CALLEE], password: PASSWORD, calls: 200 });
  try {
    await (await CallLoad.start(server, WARM_UP)).result(LIMIT_MS);
    const before = cpuSeconds(server.pid);
    const startedAt = performance.now();
    const load = await CallLoad.start(server, LOAD);
    const result = await load.result(LIMIT_MS);
    const seconds = cpuSeconds(server.pid) - before;
    const elapsed = (performance.now() - startedAt) / 1000;
    const rate = formatNumber(result.successful / seconds).padStart(10);
    const busy = formatPercent(seconds / elapsed);
    process.stdout.write(`  patchcord  ${rate} calls/CPU s   core busy ${busy}\n`);
    if (result.successful !== LOAD.calls)
      complain(`${result.failed} calls failed: ${result.errors.slice(0, 500)}`);
  } finally {
    await server.stop();
  }
}

// Memory: what a relayed call takes while it lives, and that nothing stays when it is over.
import { setTimeout as delay } from 'node:timers/promises';
import { residentBytes } from '../support/peers/cpu-time.ts';
import { findPeer, installHint } from '../support/peers/require-peer.ts';
import { CALLEE, CALLER, CallLoad, type CallLoadOptions, PASSWORD } from './call-load.ts';
import { complain, formatNumber } from './report.ts';
import { startServerUnderTest } from './server-under-test.ts';

const LIVE_CALLS = 1000;
const BYTES_A_CALL_TARGET = 60_000;
const CALLS_IN_A_ROW = 10_000;
const GROWTH_TARGET_BYTES = 10_000_000;
const LIMIT_MS = 300_000;
// Until the last transactions (timer J: 32 s) and the collector are done.
const SETTLE_MS = 36_000;

const BRIEF: CallLoadOptions = { calls: CALLS_IN_A_ROW, rate: 2000, limit: 20, durationMs: 0 };

/** @returns whether both promises are kept */
export async function benchMemory(): Promise<boolean> {
  process.stdout.write('\nMemory\n');
  if (findPeer('sipp') === undefined) {
    process.stdout.write(`  ${installHint('sipp')}\n`);
    return true;
  }
  const a = await measureLiveCalls();
  const b = await measureCallsInARow();
  return a && b;
}

async function measureLiveCalls(): Promise<boolean> {
  const server = await startServerUnderTest({
    users: [CALLER, CALLEE],
    password: PASSWORD,
    calls: LIVE_CALLS,
  });
  try {
    // Code is compiled and pools are filled before the first look.
    await runCalls(server, { ...BRIEF, calls: 1000 });
    await delay(SETTLE_MS);
    const before = residentBytes(server.pid);
    const load = await CallLoad.start(server, {
      calls: LIVE_CALLS,
      rate: 100,
      limit: LIVE_CALLS,
      durationMs: 20_000,
    });
    await delay(15_000);
    const during = residentBytes(server.pid);
    const { successful, failed } = await load.result(LIMIT_MS);
    if (successful !== LIVE_CALLS) complain(`${failed} of ${LIVE_CALLS} calls failed`);
    const each = (during - before) / LIVE_CALLS;
    return judge(
      `${formatNumber(each)} bytes a relayed call (${LIVE_CALLS} at once)`,
      each <= BYTES_A_CALL_TARGET,
      `${BYTES_A_CALL_TARGET}`,
    );
  } finally {
    await server.stop();
  }
}

async function measureCallsInARow(): Promise<boolean> {
  const server = await startServerUnderTest({ users: [CALLER, CALLEE], password: PASSWORD, calls: 100 });
  try {
    await runCalls(server, BRIEF);
    await delay(SETTLE_MS);
    const before = residentBytes(server.pid);
    await runCalls(server, BRIEF);
    await delay(SETTLE_MS);
    const grown = residentBytes(server.pid) - before;
    const text = `${formatNumber(grown / 1e6)} MB grown over ${CALLS_IN_A_ROW} calls in a row, after as many before`;
    return judge(text, grown <= GROWTH_TARGET_BYTES, `${GROWTH_TARGET_BYTES / 1e6} MB`);
  } finally {
    await server.stop();
  }
}

async function runCalls(
  server: Awaited<ReturnType<typeof startServerUnderTest>>,
  options: CallLoadOptions,
): Promise<void> {
  const { successful, errors } = await (await CallLoad.start(server, options)).result(LIMIT_MS);
  if (successful !== options.calls)
    complain(`${options.calls - successful} calls failed: ${errors.slice(0, 500)}`);
}

function judge(text: string, isMet: boolean, target: string): boolean {
  process.stdout.write(`  ${text} (at most ${target}: ${isMet ? 'reached' : 'MISSED'})\n`);
  return isMet;
}

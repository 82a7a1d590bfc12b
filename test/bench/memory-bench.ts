// Memory: what a relayed call takes while it lives, and that nothing stays when it is over.
import { setTimeout as delay } from 'node:timers/promises';
import { findPeer, installHint } from '../support/peers/require-peer.ts';
import { CallLoad, type CallLoadOptions, SECOND_CALLEE } from './call-load.ts';
import { complain, formatNumber } from './report.ts';
import { type ServerHost, startServerHost } from './server-host-client.ts';

const LIVE_CALLS = 600;
const BYTES_A_CALL_TARGET = 60_000;
const CALLS_IN_A_ROW = 10_000;
const GROWTH_TARGET_BYTES = 10_000_000;
const LIMIT_MS = 300_000;
// Until the last transactions (timer J and H: 32 s) are over.
const SETTLE_MS = 36_000;
/** For all calls of one load to be up. */
const SET_UP_MS = 6_000;

const BRIEF: CallLoadOptions = { calls: CALLS_IN_A_ROW, rate: 2000, limit: 20, durationMs: 0 };
const WARM_UP: CallLoadOptions = { ...BRIEF, calls: 2000 };

/** @returns whether both promises are kept */
export async function benchMemory(): Promise<boolean> {
  process.stdout.write('\nMemory\n');
  if (findPeer('sipp') === undefined) {
    process.stdout.write(`  ${installHint('sipp')}\n`);
    return true;
  }
  const isSmall = await measureLiveCalls();
  const isSteady = await measureCallsInARow();
  return isSmall && isSteady;
}

/** What the second half of the calls adds: the first half has paid for what all calls share. */
async function measureLiveCalls(): Promise<boolean> {
  const server = await startServerHost({ calls: LIVE_CALLS, isInline: false });
  try {
    // Code is compiled and pools are filled before the first look.
    await runCalls(server, WARM_UP);
    await delay(SETTLE_MS);
    const options = { calls: LIVE_CALLS / 2, rate: 100, limit: LIVE_CALLS / 2, durationMs: 130_000 };
    const first = await CallLoad.start(server, options);
    await delay(SET_UP_MS + SETTLE_MS);
    const half = await server.readMemory();
    const second = await CallLoad.start(server, { ...options, durationMs: 60_000, callee: SECOND_CALLEE });
    await delay(SET_UP_MS + SETTLE_MS);
    const all = await server.readMemory();
    const failed = (await second.result(LIMIT_MS)).failed + (await first.result(LIMIT_MS)).failed;
    if (failed > 0 || all.calls !== LIVE_CALLS) complain(`${all.calls} calls lived, ${failed} failed`);
    const each = (all.residentBytes - half.residentBytes) / (LIVE_CALLS / 2);
    const text = `${formatNumber(each)} bytes of the process for each relayed call beyond ${LIVE_CALLS / 2}`;
    return judge(text, each <= BYTES_A_CALL_TARGET, `${formatNumber(BYTES_A_CALL_TARGET)} bytes`);
  } finally {
    await server.stop();
  }
}

async function measureCallsInARow(): Promise<boolean> {
  const server = await startServerHost({ calls: 100, isInline: true });
  try {
    await runCalls(server, WARM_UP);
    await delay(SETTLE_MS);
    const before = await server.readMemory();
    await runCalls(server, BRIEF);
    await delay(SETTLE_MS);
    const after = await server.readMemory();
    const grown = after.heldBytes - before.heldBytes;
    const process = (after.residentBytes - before.residentBytes) / 1e6;
    const text =
      `${formatNumber(grown / 1e6)} MB more held after ${CALLS_IN_A_ROW} calls in a row ` +
      `(the process: ${formatNumber(process)} MB)`;
    return judge(text, grown <= GROWTH_TARGET_BYTES, `${GROWTH_TARGET_BYTES / 1e6} MB`);
  } finally {
    await server.stop();
  }
}

async function runCalls(server: ServerHost, options: CallLoadOptions): Promise<void> {
  const { successful, errors } = await (await CallLoad.start(server, options)).result(LIMIT_MS);
  if (successful !== options.calls) {
    complain(`${options.calls - successful} calls failed: ${errors.slice(0, 500)}`);
  }
}

function judge(text: string, isMet: boolean, target: string): boolean {
  process.stdout.write(`  ${text} (at most ${target}: ${isMet ? 'reached' : 'MISSED'})\n`);
  return isMet;
}

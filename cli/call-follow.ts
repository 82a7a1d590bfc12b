// Follows one call to its end: progress on the screen, the time limit, Ctrl-C.
import type { Runtime } from '../core/index.ts';
import { type CallReport, formatReport, keysText, type PhoneCall, pathText } from '../softphone/index.ts';
import { harmless, type Screen } from './call-screen.ts';

export interface FollowOptions {
  readonly runtime: Runtime;
  readonly screen: Screen;
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal;
  /** Counted from the answer. */
  readonly durationSeconds?: number | undefined;
}

const LIVE_INTERVAL_MS = 1000;

/** @returns the report, once the call is over for both sides */
export async function followCall(call: PhoneCall, options: FollowOptions): Promise<CallReport> {
  const { runtime, screen, signal } = options;
  const startedAt = runtime.clock.now();
  let cancelTick = () => {};
  let cancelLimit = () => {};
  const tick = () => {
    const waited = `${call.state} ${clock(runtime.clock.now() - startedAt)}`;
    screen.live(call.state === 'answered' ? liveLine(call) : waited, 'dim');
    cancelTick = runtime.setTimer(runtime.clock.now() + LIVE_INTERVAL_MS, tick);
  };
  const answered = () => {
    const codec = call.report().codec ?? 'without sound';
    const secured = call.isSecured ? ', secured end to end' : '';
    screen.line(`${call.remoteText} ${screen.paint('answered', 'green')}, ${codec}${secured}`);
    if (options.durationSeconds === undefined) return;
    const limitAt = runtime.clock.now() + options.durationSeconds * 1000;
    cancelLimit = runtime.setTimer(limitAt, () => call.hangUp());
  };
  const hangUp = () => call.hangUp();
  call.on('ringing', () => screen.line(`${call.remoteText} is ringing`));
  call.on('heldByPeer', ({ isHeld }) =>
    screen.line(isHeld ? 'put on hold by the far end' : 'taken off hold'),
  );
  call.on('digit', ({ digit }) => screen.line(`digit ${digit}`));
  call.on('chat', ({ text }) => screen.line(`${call.remoteText} writes: ${text}`));
  call.once('path', () => {
    const { secured } = call.report();
    if (secured) screen.line(keysText(secured));
  });
  call.on('path', (path) => screen.line(`path: ${pathText(path)}`));
  cancelTick = runtime.setTimer(startedAt + LIVE_INTERVAL_MS, tick);
  if (call.state === 'answered') answered();
  else call.once('answered', answered);
  if (signal.aborted) hangUp();
  else signal.addEventListener('abort', hangUp, { once: true });
  const report = await call.finished;
  signal.removeEventListener('abort', hangUp);
  cancelTick();
  cancelLimit();
  screen.clear();
  return report;
}

function liveLine(call: PhoneCall): string {
  const { durationMs, inbound, outbound, roundTripMs } = call.report();
  const parts = [
    clock(durationMs ?? 0),
    `heard ${inbound.packets}`,
    `sent ${outbound.packets}`,
    `lost ${inbound.lost ?? 0}`,
    roundTripMs === null ? undefined : `round trip ${roundTripMs.toFixed(1)} ms`,
    inbound.mosCq === null ? undefined : `MOS ${inbound.mosCq.toFixed(2)}`,
    levelBar(inbound.levelDbov),
    talkersOf(call),
    call.isHeld ? 'on hold' : undefined,
    call.isMuted ? 'muted' : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}

/** Of a conference: how many are heard. */
function talkersOf({ speakers }: PhoneCall): string | undefined {
  return speakers.length === 0 ? undefined : `${speakers.length} talking`;
}

const BAR_LENGTH = 12;
const QUIETEST_DBOV = -60;

function levelBar(levelDbov: number | null): string {
  const share = levelDbov === null ? 0 : Math.max(0, 1 - levelDbov / QUIETEST_DBOV);
  const filled = Math.min(BAR_LENGTH, Math.round(share * BAR_LENGTH));
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_LENGTH - filled)}]`;
}

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return `${String(minutes).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}

/** Writes the report to standard output: for people, or as one line of JSON. */
export function printReport(
  report: CallReport,
  options: { readonly json?: boolean; readonly screen: Screen },
): void {
  const text = options.json
    ? JSON.stringify(report, rounded)
    : harmless(formatReport(report, options.screen.paint));
  process.stdout.write(`${text}\n`);
}

/** Microseconds and thousandths of a MOS are enough for anybody. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

// Session timers (RFC 4028): one side refreshes at half time, the other hangs up when nothing comes.
import type { HeaderField, SipRequest, SipResponse } from '../message/index.ts';
import { hasOption } from './body.ts';
import type { SessionTimers } from './timers.ts';

/** RFC 4028 §4: the shortest interval that anybody may ask for. */
export const MIN_SE_SECONDS = 90;

export type Refresher = 'uac' | 'uas';

export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: Refresher | undefined;
}

/** Reads Session-Expires; undefined where there is none or it makes no sense. */
export function readSessionExpires(message: SipRequest | SipResponse): SessionExpires | undefined {
  const text = message.header('Session-Expires');
  const match = text === undefined ? undefined : /^(\d{1,9})\s*(?:;.*?refresher=(uac|uas))?/i.exec(text);
  if (!match) return undefined;
  const refresher = match[2]?.toLowerCase();
  return {
    seconds: Number(match[1]),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
}

/** Headers with which a request of ours asks for a session timer; we offer to refresh it. */
export function sessionTimerRequest(seconds: number): HeaderField[] {
  if (seconds === 0) return [];
  return [
    ['Session-Expires', String(seconds)],
    ['Min-SE', String(MIN_SE_SECONDS)],
  ];
}

/** What a 2xx of ours agrees to (RFC 4028 §9). */
export function agreeAsServer(
  request: SipRequest,
): { readonly agreed: SessionExpires; readonly headers: readonly HeaderField[] } | undefined {
  const asked = readSessionExpires(request);
  if (!asked) return undefined;
  const peerSupports = hasOption(request, 'Supported', 'timer') || hasOption(request, 'Require', 'timer');
  const refresher = peerSupports ? (asked.refresher ?? 'uac') : 'uas';
  const seconds = Math.max(asked.seconds, MIN_SE_SECONDS);
  const headers: HeaderField[] = [['Session-Expires', `${seconds};refresher=${refresher}`]];
  // RFC 4028 §9: the caller must know that it is expected to refresh.
  if (refresher === 'uac') headers.push(['Require', 'timer']);
  return { agreed: { seconds, refresher }, headers };
}

/** Arms the timers after every 2xx to INVITE or UPDATE that agreed on an interval. */
export function armSessionTimer(
  timers: SessionTimers<string>,
  agreed: { readonly seconds: number; readonly weRefresh: boolean },
  on: { refresh(): void; expire(): void },
): void {
  const lengthMs = 1000 * agreed.seconds;
  timers.clear('refresh');
  timers.clear('expire');
  // RFC 4028 §10.
  if (agreed.weRefresh) timers.set('refresh', lengthMs / 2, on.refresh);
  timers.set('expire', lengthMs - Math.min(32_000, lengthMs / 3), on.expire);
}

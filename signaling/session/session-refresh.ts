// Session timers (RFC 4028): one side refreshes at half time, the other hangs up when nothing comes.
import type { HeaderField, SipRequest, SipResponse } from '../message/index.ts';
import { hasOption } from './body.ts';
import type { SessionTimers } from './timers.ts';

/** RFC 4028 §4: the shortest interval that anybody may ask for. */
export const MIN_SE_SECONDS = 90;
/** What a peer may ask us to remember; a day. */
const MAX_SE_SECONDS = 86_400;

export type Refresher = 'uac' | 'uas';

/** An interval, and who refreshes, seen from the request that the message belongs to. */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: Refresher | undefined;
}

/** Reads Session-Expires as it is; undefined where there is none or it makes no sense. */
export function readSessionExpires(message: SipRequest | SipResponse): SessionExpires | undefined {
  const [value = '', ...parameters] = (message.header('Session-Expires') ?? '').split(';');
  if (!/^\d{1,10}$/.test(value.trim())) return undefined;
  const refresher = parameters
    .map((parameter) => /^\s*refresher\s*=\s*(uac|uas)\s*$/i.exec(parameter)?.[1]?.toLowerCase())
    .find((role) => role !== undefined);
  return {
    seconds: Number(value),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
}

/** Whether a request is to be refused with 422 (RFC 4028 §8): too short, from a peer that understands the answer. */
export function isTooShort(request: SipRequest): boolean {
  const asked = readSessionExpires(request);
  return asked !== undefined && asked.seconds < MIN_SE_SECONDS && hasOption(request, 'Supported', 'timer');
}

/** What a 422 wants at least (RFC 4028 §7.4), in seconds. */
export function minSeOf(response: SipResponse): number {
  const [value = ''] = (response.header('Min-SE') ?? '').split(';');
  return within(Number(value) || MIN_SE_SECONDS);
}

/**
 * Headers with which a request of ours asks for a session timer.
 *
 * @param seconds - 0 asks for none
 * @param refresher - where it is settled already who refreshes (RFC 4028 §7.4)
 */
export function sessionTimerRequest(
  seconds: number,
  options: { readonly refresher?: Refresher; readonly minSeSeconds?: number } = {},
): HeaderField[] {
  if (seconds === 0) return [];
  const { refresher, minSeSeconds = MIN_SE_SECONDS } = options;
  return [
    ['Session-Expires', refresher ? `${seconds};refresher=${refresher}` : String(seconds)],
    ['Min-SE', String(Math.max(minSeSeconds, MIN_SE_SECONDS))],
  ];
}

/** What a 2xx to a request of ours agrees to (RFC 4028 §7.2); undefined where the session does not expire. */
export function agreeAsClient(response: SipResponse): SessionExpires | undefined {
  const agreed = readSessionExpires(response);
  // RFC 4028 §7.2: where a proxy alone asked for it, the caller refreshes.
  return agreed && { seconds: within(agreed.seconds), refresher: agreed.refresher ?? 'uac' };
}

/**
 * What a 2xx of ours agrees to (RFC 4028 §9).
 *
 * @param ownSeconds - the interval that we want where the peer understands session timers and asks for none; 0 for none
 */
export function agreeAsServer(
  request: SipRequest,
  ownSeconds: number,
): { readonly agreed: SessionExpires; readonly headers: readonly HeaderField[] } | undefined {
  const asked = readSessionExpires(request);
  const isSupported = hasOption(request, 'Supported', 'timer') || hasOption(request, 'Require', 'timer');
  if (!asked && !(isSupported && ownSeconds > 0)) return undefined;
  // RFC 4028 §9, table 2: a caller that does not know of session timers cannot refresh.
  const refresher = isSupported ? (asked?.refresher ?? 'uac') : 'uas';
  const seconds = within(asked?.seconds ?? Math.max(ownSeconds, minSeOfRequest(request)));
  const headers: HeaderField[] = [['Session-Expires', `${seconds};refresher=${refresher}`]];
  // RFC 4028 §9: the caller must know that it is expected to refresh.
  if (refresher === 'uac') headers.push(['Require', 'timer']);
  return { agreed: { seconds, refresher }, headers };
}

/** RFC 4028 §9: an interval of our own must not be below the Min-SE of the request. */
function minSeOfRequest(request: SipRequest): number {
  const [value = ''] = (request.header('Min-SE') ?? '').split(';');
  return Number(value) || MIN_SE_SECONDS;
}

/** A peer that names a second would have us refresh for ever. */
function within(seconds: number): number {
  return Math.min(Math.max(seconds, MIN_SE_SECONDS), MAX_SE_SECONDS);
}

/** Arms the timers after every 2xx to INVITE or UPDATE; without an interval the session does not expire any more. */
export function armSessionTimer(
  timers: SessionTimers<string>,
  agreed: { readonly seconds: number; readonly weRefresh: boolean } | undefined,
  on: { refresh(): void; expire(): void },
): void {
  timers.clear('refresh');
  timers.clear('expire');
  if (!agreed) return;
  const lengthMs = 1000 * agreed.seconds;
  // RFC 4028 §10.
  if (agreed.weRefresh) timers.set('refresh', lengthMs / 2, on.refresh);
  timers.set('expire', lengthMs - Math.min(32_000, lengthMs / 3), on.expire);
}

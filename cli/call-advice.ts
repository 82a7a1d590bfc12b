// What a person can do about a call that failed: one line for each status that has a mend.
import type { CallReport } from '../softphone/index.ts';

/**
 * The line that says the mend; undefined where the call was answered, or nobody can say more than the reason does.
 *
 * @param host - the server, or the host that was called directly
 */
export function adviceOn(
  { isAnswered, status, secured }: Pick<CallReport, 'isAnswered' | 'status' | 'secured'>,
  host: string,
): string | undefined {
  if (isAnswered) return undefined;
  switch (status) {
    case 401:
    case 403:
      return 'check user and password (PATCHCORD_PASSWORD)';
    case 404:
      return 'nobody is called that: patchcord user list shows who is';
    case 408:
      return `does a server run at ${host}? try: patchcord ping sip:${host}`;
    case 480:
      return 'the callee is not registered, or did not answer';
    case 488:
      return secured
        ? 'the far end, or the server, takes no encrypted calls; --secure alone calls without where it must'
        : undefined;
    default:
      return undefined;
  }
}

/** Where a call to `target` goes: to the server of the account, else to the host in the target. */
export function hostOf(target: string, server: string | undefined): string {
  if (server) return server;
  return target
    .replace(/^sips?:/i, '')
    .replace(/^[^@]*@/, '')
    .replace(/[;?>].*$/, '');
}

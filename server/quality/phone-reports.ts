// Takes what phones say of their calls (RFC 6035), by PUBLISH (RFC 3903): matched to a call of their own, or refused.
import { DecodeError, type Runtime } from '../../core/index.ts';
import {
  type IncomingRequest,
  parseVqReport,
  type SipRequest,
  VQ_RTCPXR_EVENT,
  VQ_RTCPXR_TYPE,
} from '../../signaling/index.ts';
import type { Account, AnsweringParty, CallRecords, ClosedRecord, OpenedRecord } from '../call/index.ts';
import type { PhoneReport } from './types.ts';

/** A phone reports right after the call; this is for those whose network was the trouble. */
const KEEP_MS = 60_000;
/** Calls that are over and may still be reported on; past the bound the oldest are forgotten. */
const MOST_KEPT = 10_000;
/** RFC 3903 §6 step 4: as long as we could keep a publication if we kept any. */
const LONGEST_EXPIRES_SECONDS = 3600;

export interface PhoneReportsOptions {
  readonly runtime: Runtime;
  /** Who is told next of each call. */
  readonly next: CallRecords;
  /** A phone reported on its call. */
  onReport(uniqueid: string, report: PhoneReport): void;
}

/**
 * Knows which user speaks in which SIP dialog, and for a minute after its end who did. Departs from RFC 3903 §6: no
 * publication is kept, so that none can be refreshed, changed or removed; a report is said once.
 */
export class PhoneReports implements CallRecords {
  readonly #options: PhoneReportsOptions;
  /** The parties of each live call, as {@link keyOf} writes them. */
  readonly #live = new Map<string, string[]>();
  /** The call of each party. */
  readonly #calls = new Map<string, string>();
  /** The parties of calls that are over, in the order of their ends, and how long they are remembered. */
  readonly #over = new Map<string, number>();

  constructor(options: PhoneReportsOptions) {
    this.#options = options;
  }

  /** Parties that are known, those of calls that are over included. */
  get size(): number {
    return this.#calls.size;
  }

  open(record: OpenedRecord): void {
    this.#live.set(record.uniqueid, []);
    this.#join(record.uniqueid, record.src, record.callId);
    this.#options.next.open(record);
  }

  answered(uniqueid: string, answer: number, by: AnsweringParty): void {
    if (by.callId !== undefined) this.#join(uniqueid, by.who, by.callId);
    this.#options.next.answered(uniqueid, answer, by);
  }

  recorded(uniqueid: string, recordings: readonly string[]): void {
    this.#options.next.recorded(uniqueid, recordings);
  }

  close(record: ClosedRecord): void {
    const until = this.#now() + KEEP_MS;
    for (const key of this.#live.get(record.uniqueid) ?? []) this.#over.set(key, until);
    this.#live.delete(record.uniqueid);
    this.#forgetOld();
    this.#options.next.close(record);
  }

  /** Answers a PUBLISH of a user who has proven to be one. */
  handlePublish({ request, respond }: IncomingRequest, user: Account): void {
    // RFC 3903 §6 steps 2, 3 and 5.
    if (eventOf(request) !== VQ_RTCPXR_EVENT) {
      return respond(489, { headers: [['Allow-Events', VQ_RTCPXR_EVENT]] });
    }
    if (request.header('SIP-If-Match') !== undefined) return respond(412);
    if (request.body.length === 0) return respond(400, { reason: 'Bad Request: no body' });
    if (request.contentType !== VQ_RTCPXR_TYPE) {
      return respond(415, { headers: [['Accept', VQ_RTCPXR_TYPE]] });
    }
    const report = parseVqReport(request.body);
    if (report instanceof DecodeError) return respond(400, { reason: `Bad Request: ${report.place}` });
    this.#forgetOld();
    const uniqueid = this.#calls.get(keyOf(user.name, report.callId));
    // The same answer whether there is such a call or not: strangers are to learn nothing of others' calls.
    if (uniqueid === undefined) return respond(403, { reason: 'Forbidden: not a call of yours' });
    const { clock, random } = this.#options.runtime;
    const receivedAt = new Date(clock.wallClock()).toISOString();
    this.#options.onReport(uniqueid, { from: user.name, receivedAt, report });
    const expires = Math.min(request.expires ?? LONGEST_EXPIRES_SECONDS, LONGEST_EXPIRES_SECONDS);
    respond(200, {
      headers: [
        ['SIP-ETag', random.token(16)],
        ['Expires', String(expires)],
      ],
    });
  }

  #join(uniqueid: string, user: string, callId: string): void {
    const key = keyOf(user, callId);
    this.#calls.set(key, uniqueid);
    this.#over.delete(key);
    this.#live.get(uniqueid)?.push(key);
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [key, until] of this.#over) {
      if (until > now && this.#over.size <= MOST_KEPT) return;
      this.#over.delete(key);
      this.#calls.delete(key);
    }
  }

  #now(): number {
    return this.#options.runtime.clock.now();
  }
}

/** Without its parameters; in any case, as phones write it. */
function eventOf(request: SipRequest): string | undefined {
  return request.header('Event')?.split(';', 1)[0]?.trim().toLowerCase();
}

/** A user's Call-ID is their own: nobody takes it away by calling with the same one. */
function keyOf(user: string, callId: string): string {
  return `${user} ${callId}`;
}

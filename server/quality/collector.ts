// Tells a configured collector how good each leg of a call was, as a phone would (RFC 6035).
import { DecodeError, invariant, type Runtime } from '../../core/index.ts';
import {
  formatVqReport,
  type NameAddr,
  NO_PARAMETERS,
  parseUri,
  type RequestResult,
  sipUri,
  type Uri,
  type UserAgent,
  VQ_RTCPXR_EVENT,
  VQ_RTCPXR_TYPE,
  type VqReport,
} from '../../signaling/index.ts';
import type { CallRecord } from '../store/index.ts';
import { legReportsOf } from './leg-report.ts';

const TIMEOUT_MS = 5000;
/** Reports under way at once: past it they are dropped, so that a collector that is gone costs no memory. */
const MOST_PENDING = 64;

export interface CollectorOptions {
  readonly runtime: Runtime;
  readonly userAgent: Pick<UserAgent, 'request'>;
  /** A SIP URI, checked. */
  readonly target: string;
  readonly realm: string;
}

/** A report is sent once; what the collector does not take is lost there, and stands in the record. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #target: Uri;
  readonly #from: NameAddr;
  #pending = 0;
  #dropped = 0;
  /** Said once for each time that it begins. */
  #isFailing = false;

  constructor(options: CollectorOptions) {
    const target = parseUri(options.target);
    invariant(!(target instanceof DecodeError), 'the configuration was checked');
    this.#options = options;
    this.#target = target;
    const uri = sipUri({ host: options.realm });
    this.#from = { displayName: undefined, uri, parameters: NO_PARAMETERS };
  }

  /** Reports that were given up because too many were under way. */
  get droppedCount(): number {
    return this.#dropped;
  }

  /** One PUBLISH for each leg of a call that is over. */
  reportCall(record: CallRecord): void {
    const { realm, runtime } = this.#options;
    for (const { report } of legReportsOf(record, realm)) {
      this.#publish(report).catch((error: unknown) => {
        // A fault of ours costs the report alone.
        runtime.log.error({ callId: report.callId, err: error }, 'the collector was not told of a call');
      });
    }
  }

  async #publish(report: VqReport): Promise<void> {
    if (this.#pending >= MOST_PENDING) {
      this.#dropped += 1;
      return;
    }
    const { status, reason } = await this.#request(formatVqReport(report));
    const isFailing = status >= 300;
    const fields = { status, reason, collector: this.#options.target, dropped: this.#dropped };
    if (isFailing && !this.#isFailing) {
      this.#options.runtime.log.warn(fields, 'the collector takes no quality reports');
    }
    this.#isFailing = isFailing;
  }

  async #request(body: string): Promise<RequestResult> {
    this.#pending += 1;
    try {
      return await this.#options.userAgent.request('PUBLISH', {
        target: this.#target,
        from: this.#from,
        headers: [['Event', VQ_RTCPXR_EVENT]],
        body,
        contentType: VQ_RTCPXR_TYPE,
        timeoutMs: TIMEOUT_MS,
      });
    } finally {
      this.#pending -= 1;
    }
  }
}

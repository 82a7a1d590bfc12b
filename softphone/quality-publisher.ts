// Tells the phone's server how good each call was (RFC 6035).
import type { Endpoint } from '../core/index.ts';
import {
  farEndMetricsOf,
  formatNameAddr,
  formatVqReport,
  metricsOf,
  type UserAgent,
  VQ_RTCPXR_EVENT,
  VQ_RTCPXR_TYPE,
  type VqMetrics,
  type VqReport,
} from '../signaling/index.ts';
import type { Account } from './account.ts';
import type { CallReport, DirectionReport } from './report/index.ts';

/** Where the sound of a call went; undefined where none was agreed on. */
export interface SoundAddresses {
  readonly local: Endpoint;
  readonly remote: Endpoint | undefined;
}

/** A report is worth no more patience than this. */
const TIMEOUT_MS = 2000;

/** The server knows no PUBLISH, not its body, or not the event (RFC 3903 §6): it will not learn while we run. */
const UNSUPPORTED: ReadonlySet<number> = new Set([405, 415, 489, 501]);

/** RFC 3611 §4.7.6: our jitter buffer adapts, and what is lost is concealed by more than repetition, as our XR says. */
const ADAPTIVE = 3;
const ENHANCED_CONCEALMENT = 2;

/** Sends one PUBLISH at the end of each call, and none any more once the server has said that it takes none. */
export class QualityPublisher {
  readonly #userAgent: UserAgent;
  readonly #account: Account;
  #isOff = false;

  constructor(userAgent: UserAgent, account: Account) {
    this.#userAgent = userAgent;
    this.#account = account;
  }

  /** Whether the next call will be reported. */
  get isOn(): boolean {
    return !this.#isOff;
  }

  /** From now on nothing is sent: the user agent is closed. */
  close(): void {
    this.#isOff = true;
  }

  /** Resolves at the latest when patience ends; whoever ends a call need not wait for it. Rejects by a fault of ours alone. */
  async publish(report: CallReport, addresses: SoundAddresses | undefined): Promise<void> {
    const isReachable = report.endedBy === 'local' || report.endedBy === 'remote';
    if (this.#isOff || !report.isAnswered || !isReachable || !addresses) return;
    const { registrar, aor, routeSet, credentials } = this.#account;
    const { status } = await this.#userAgent.request('PUBLISH', {
      target: registrar,
      from: aor,
      to: aor,
      headers: [['Event', VQ_RTCPXR_EVENT]],
      body: formatVqReport(this.#reportOf(report, addresses)),
      contentType: VQ_RTCPXR_TYPE,
      timeoutMs: TIMEOUT_MS,
      ...(routeSet ? { routeSet } : {}),
      ...(credentials ? { credentials } : {}),
    });
    if (UNSUPPORTED.has(status)) this.#isOff = true;
  }

  #reportOf(report: CallReport, { local, remote }: SoundAddresses): VqReport {
    const isCaller = report.direction === 'outgoing';
    const [localId, remoteId] = [formatNameAddr(this.#account.aor), `<${report.remote}>`];
    const answeredAt = Date.parse(report.startedAt) + (report.setup.answeredMs ?? 0);
    const around = {
      startAt: answeredAt,
      stopAt: answeredAt + (report.durationMs ?? 0),
      codec: report.codec,
      roundTripMs: report.roundTripMs,
    };
    return {
      kind: 'session',
      isFinal: true,
      alert: null,
      callId: report.callId,
      localId,
      remoteId,
      origId: isCaller ? localId : remoteId,
      localAddress: { ...local, ssrc: null },
      remoteAddress: remote ? { ...remote, ssrc: null } : null,
      local: { ...metricsOf(report.inbound, around), ...playoutOf(report.inbound) },
      remote: report.farEnd && farEndMetricsOf(report.farEnd, report.farEndMetrics, around),
      toTag: null,
      fromTag: null,
    };
  }
}

/** What only who plays the sound knows. */
function playoutOf({ playout }: DirectionReport): Partial<VqMetrics> {
  if (playout?.delayMs == null) return {};
  return {
    concealment: ENHANCED_CONCEALMENT,
    jitterBufferAdaptive: ADAPTIVE,
    jitterBufferNominalMs: playout.delayMs,
    endSystemDelayMs: playout.delayMs,
  };
}

// Rings every phone of a destination at once: the first answer wins, the rest are cancelled (RFC 3261 §16.7).
import { messageOf, OperationError } from '../../core/index.ts';
import { formatUri, type SipResponse } from '../../signaling/index.ts';
import { Branch, type BranchEnd, type BranchMedia, type BranchOptions } from './branch.ts';
import type { PartyMedia } from './party.ts';
import { REASONS } from './reasons.ts';
import type { CallDependencies, Reachable } from './types.ts';

export type FailureCause =
  | 'busy'
  | 'noAnswer'
  | 'unreachable'
  | 'redirected'
  | 'declined'
  | 'callerLeft'
  | 'other';

/** Why nobody took the call, and the status to tell the caller. */
export interface RingFailure {
  readonly cause: FailureCause;
  readonly status: number;
  readonly reason: string;
  /** Contacts of a 3xx, best first, as text URIs. */
  readonly contacts: readonly string[];
}

export type RingOutcome<Media extends BranchMedia = PartyMedia> =
  | { readonly answered: Branch<Media>; readonly sdp: string | undefined }
  | RingFailure;

/** What ringing takes besides what each branch is told. */
export interface RingOptions<Media extends BranchMedia = PartyMedia>
  extends Omit<BranchOptions<Media>, 'target' | 'label'> {
  readonly dependencies: Pick<CallDependencies, 'userAgent' | 'runtime'>;
  readonly targets: readonly Reachable[];
  /** Who is rung, for logs. */
  readonly label: string;
  readonly ringMs: number;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
  onRinging(): void;
  onEarlyMedia(branch: Branch<Media>, sdp: string): void;
}

/**
 * Resolves with the branch that answered (the caller of this function then owns it), or with why there is none.
 * Rejects with `MEDIA_PORTS_EXHAUSTED` before any phone has rung.
 */
export async function ring<Media extends BranchMedia>(
  options: RingOptions<Media>,
): Promise<RingOutcome<Media>> {
  if (options.targets.length === 0) return failure('unreachable', 480, REASONS.noPhone);
  const branches = await openBranches(options);
  const outcome = options.signal.aborted ? CALLER_LEFT : await new Ringing(branches, options).outcome;
  await Promise.all(
    branches
      .filter((branch) => !('answered' in outcome) || branch !== outcome.answered)
      .map((b) => b.close()),
  );
  return outcome;
}

/** All legs before the first INVITE: a call that cannot have sound must not ring. */
async function openBranches<Media extends BranchMedia>(
  options: RingOptions<Media>,
): Promise<readonly Branch<Media>[]> {
  const opened = await Promise.allSettled(
    options.targets.map((target) => Branch.open({ ...options, target, label: options.label })),
  );
  const branches = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = opened.find((result) => result.status === 'rejected');
  if (!failed) return branches;
  await Promise.all(branches.map((branch) => branch.close()));
  throw failed.reason instanceof Error
    ? failed.reason
    : new OperationError('MEDIA_FAILED', 'no leg was opened');
}

class Ringing<Media extends BranchMedia> {
  readonly outcome: Promise<RingOutcome<Media>>;
  readonly #options: RingOptions<Media>;
  readonly #pending: Set<Branch<Media>>;
  readonly #ends: BranchEnd[] = [];
  readonly #cancelTimer: () => void;
  #settle: (outcome: RingOutcome<Media>) => void = () => {};
  #isOver = false;
  #reacted = false;

  constructor(branches: readonly Branch<Media>[], options: RingOptions<Media>) {
    this.#options = options;
    this.#pending = new Set(branches);
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const { runtime } = options.dependencies;
    this.#cancelTimer = runtime.setTimer(runtime.clock.now() + options.ringMs, () => this.#handleTimeout());
    options.signal.addEventListener('abort', this.#handleAbort, { once: true });
    for (const branch of branches) this.#tryToStart(branch);
  }

  /** A phone to which no INVITE can be made is one that refused: the others still ring. */
  #tryToStart(branch: Branch<Media>): void {
    try {
      this.#start(branch);
    } catch (error) {
      this.#handleEnd(branch, {
        status: 500,
        reason: messageOf(error),
        isSilent: false,
        response: undefined,
      });
    }
  }

  #start(branch: Branch<Media>): void {
    branch.start({
      onProgress: (status, sdp) => {
        this.#reacted = true;
        if (this.#isOver) return;
        if (sdp !== undefined) this.#options.onEarlyMedia(branch, sdp);
        else if (status >= 180) this.#options.onRinging();
      },
      onAnswer: (sdp) => {
        if (this.#isOver) branch.cancel(ANSWERED_ELSEWHERE);
        else this.#finish({ answered: branch, sdp }, branch);
      },
      onEnd: (end) => this.#handleEnd(branch, end),
    });
  }

  #handleEnd(branch: Branch<Media>, end: BranchEnd): void {
    this.#pending.delete(branch);
    if (this.#isOver) return;
    this.#ends.push(end);
    // RFC 3261 §16.7 step 5: a 6xx speaks for all phones of the user.
    if (end.status >= 600 || this.#pending.size === 0) this.#finish(bestFailure(this.#ends));
  }

  #handleTimeout(): void {
    // Where nobody rings, what a phone refused with says more than the silence of another.
    this.#finish(this.#reacted ? failure('noAnswer', 480, REASONS.noAnswer) : bestFailure(this.#ends));
  }

  readonly #handleAbort = () => this.#finish(CALLER_LEFT);

  #finish(outcome: RingOutcome<Media>, winner?: Branch<Media>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    this.#options.signal.removeEventListener('abort', this.#handleAbort);
    for (const branch of this.#pending)
      if (branch !== winner) branch.cancel(winner ? ANSWERED_ELSEWHERE : undefined);
    this.#settle(outcome);
  }
}

const CALLER_LEFT = failure('callerLeft', 487, REASONS.callerLeft);

/** RFC 3326 §2: with it a phone does not list the call as missed. */
const ANSWERED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"';

function failure(
  cause: FailureCause,
  status: number,
  reason: string,
  contacts: readonly string[] = [],
): RingFailure {
  return { cause, status, reason, contacts };
}

// What the caller is told first, when phones fail differently: §16.7 step 6, with what forwarding needs in front.
const PREFERENCE: readonly FailureCause[] = [
  'declined',
  'redirected',
  'busy',
  'noAnswer',
  'other',
  'unreachable',
];

function bestFailure(ends: readonly BranchEnd[]): RingFailure {
  const failures = ends.map(failureOf);
  for (const cause of PREFERENCE) {
    const found = failures
      .filter((entry) => entry.cause === cause)
      .toSorted((a, b) => a.status - b.status)[0];
    if (found) return found;
  }
  return failure('unreachable', 480, REASONS.noReaction);
}

function failureOf(end: BranchEnd): RingFailure {
  const { status, reason } = end;
  if (end.isSilent) return failure('unreachable', 480, `${REASONS.noReaction}: ${reason}`);
  if (status >= 300 && status < 400) return failure('redirected', 480, reason, contactsOf(end.response));
  if (status === 486 || status === 600) return failure('busy', status, reason);
  if (status >= 600) return failure('declined', status, reason);
  if (status === 408 || status === 480)
    return failure(status === 408 ? 'noAnswer' : 'unreachable', 480, reason);
  // A phone that challenges us, or fails inside, is no business of the caller's: RFC 3261 §16.7 step 6.
  if (status === 401 || status === 407 || status >= 500) return failure('other', 500, reason);
  return failure('other', status, reason);
}

/** Contacts of a 3xx by falling q (RFC 3261 §8.1.3.4). */
function contactsOf(response: SipResponse | undefined): readonly string[] {
  if (!response) return [];
  const weight = (text: string | undefined) => (text === undefined ? 1 : Number(text) || 0);
  return response.contacts
    .toSorted((a, b) => weight(b.parameters.get('q')) - weight(a.parameters.get('q')))
    .map((contact) => formatUri(contact.uri));
}

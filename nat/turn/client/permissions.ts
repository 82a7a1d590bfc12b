// The addresses that the server lets through to us, kept open as long as the allocation lives (RFC 8656 §9, §10).
import { DeadlineQueue } from '../../../core/index.ts';
import { PERMISSION_LIFETIME_MS } from '../lifetimes.ts';
import type { TurnAnswer, TurnRequests } from './requests.ts';
import type { TurnClientEvent } from './types.ts';

/** One minute before it ends. */
export const PERMISSION_REFRESH_MS = PERMISSION_LIFETIME_MS - 60_000;
/** Candidates of a peer come from the network: their number is not his to choose. */
export const MAX_PERMISSIONS = 64;

/** `wanted` waits for the allocation; `asked` the server has not answered; `granted`; `refused`. */
export type PermissionState = 'wanted' | 'asked' | 'granted' | 'refused';

export class TurnPermissions {
  readonly #requests: TurnRequests;
  readonly #states = new Map<string, PermissionState>();
  readonly #renewals = new DeadlineQueue<string>();
  #isOpen = false;

  constructor(requests: TurnRequests) {
    this.#requests = requests;
  }

  get size(): number {
    return this.#states.size;
  }

  stateOf(address: string): PermissionState | undefined {
    return this.#states.get(address);
  }

  /** Asks for it, where it was not before; a refused one is not asked for again. */
  permit(now: number, address: string): void {
    if (this.#states.has(address)) return;
    if (this.#states.size >= MAX_PERMISSIONS) this.#dropOldest();
    this.#states.set(address, 'wanted');
    if (this.#isOpen) this.#ask(now, address);
  }

  /** The allocation is there. */
  open(now: number): void {
    this.#isOpen = true;
    for (const address of this.#states.keys()) this.#ask(now, address);
  }

  /** It is no more. */
  close(): void {
    this.#isOpen = false;
    for (const address of this.#states.keys()) this.#forget(address);
  }

  handleAnswer(now: number, address: string, answer: TurnAnswer): TurnClientEvent | undefined {
    if (!this.#states.has(address)) return undefined;
    if (answer.failure === undefined) {
      this.#states.set(address, 'granted');
      this.#renewals.set(address, now + PERMISSION_REFRESH_MS);
      return undefined;
    }
    // Who did not answer may do so the next time that somebody sends there.
    if (answer.failure === 'timeout') this.#forget(address);
    else this.#states.set(address, 'refused');
    const { status } = answer;
    return { type: 'peerRefused', address, ...(status === undefined ? {} : { status }) };
  }

  nextTimeoutAt(): number | undefined {
    return this.#renewals.nextAt();
  }

  handleTimeout(now: number): void {
    for (let due = this.#renewals.takeDue(now); due !== undefined; due = this.#renewals.takeDue(now)) {
      this.#requests.ask(now, { type: 'permission', address: due });
    }
  }

  #ask(now: number, address: string): void {
    this.#states.set(address, 'asked');
    this.#requests.ask(now, { type: 'permission', address });
  }

  #dropOldest(): void {
    const [oldest] = this.#states.keys();
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(address: string): void {
    this.#states.delete(address);
    this.#renewals.clear(address);
  }
}

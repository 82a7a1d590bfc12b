// What the sessions of one agent share: all that outlives a restart.
import type { Random } from '../../core/index.ts';
import type { CheckBudget } from './check-budget.ts';
import type { IceCounters } from './counters.ts';
import type { LocalCandidates } from './local-candidates.ts';
import type { RoleHolder } from './role.ts';
import type { IceDatagram, IceEvent } from './types.ts';

export interface SessionContext {
  readonly random: Random;
  readonly components: 1 | 2;
  readonly locals: LocalCandidates;
  readonly role: RoleHolder;
  readonly budget: CheckBudget;
  readonly counters: IceCounters;
  /** Filled by the sessions, emptied by the owner. */
  readonly datagrams: IceDatagram[];
  readonly events: IceEvent[];
  /** Whether no more candidates are to come, of either side. */
  isComplete(): boolean;
  switchRole(): void;
}

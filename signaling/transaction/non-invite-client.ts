// Non-INVITE client transaction (RFC 3261 §17.1.2).
//
//   trying ──1xx──▶ proceeding
//      └── 200-699 ──┤
//                    ▼
//                completed ──K──▶ terminated
import { type Step, type StepTable, step } from './step-table.ts';

export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';

export type NonInviteClientInput =
  | 'timerE'
  | 'timerF'
  | 'timerK'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'transportError';

export type NonInviteClientAction =
  | 'send'
  | 'deliver'
  | 'startTimerE'
  | 'repeatTimerE'
  | 'repeatTimerEAtT2'
  | 'startTimerF'
  | 'startTimerK'
  | 'stopTimers'
  | 'reportTimeout'
  | 'reportTransportError';

/** What a new transaction does. */
export const NON_INVITE_CLIENT_START: Step<NonInviteClientState, NonInviteClientAction> = step(
  'trying',
  'send',
  'startTimerE',
  'startTimerF',
);

const FINAL: Step<NonInviteClientState, NonInviteClientAction> = step(
  'completed',
  'stopTimers',
  'deliver',
  'startTimerK',
);

export const NON_INVITE_CLIENT: StepTable<NonInviteClientState, NonInviteClientInput, NonInviteClientAction> =
  {
    trying: {
      timerE: step('trying', 'send', 'repeatTimerE'),
      timerF: step('terminated', 'reportTimeout'),
      provisional: step('proceeding', 'deliver'),
      success: FINAL,
      failure: FINAL,
      transportError: step('terminated', 'reportTransportError'),
    },
    proceeding: {
      timerE: step('proceeding', 'send', 'repeatTimerEAtT2'),
      timerF: step('terminated', 'reportTimeout'),
      provisional: step('proceeding', 'deliver'),
      success: FINAL,
      failure: FINAL,
      transportError: step('terminated', 'reportTransportError'),
    },
    completed: {
      timerK: step('terminated'),
    },
    terminated: {},
  };

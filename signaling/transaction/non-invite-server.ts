// Non-INVITE server transaction (RFC 3261 §17.2.2).
//
//   trying ──1xx──▶ proceeding ──200-699──▶ completed ──J──▶ terminated
//      └───────────────200-699──────────────────┘
import { type Step, type StepTable, step } from './step-table.ts';

export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';

export type NonInviteServerInput =
  | 'request'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'timerF'
  | 'timerJ'
  | 'transportError';

export type NonInviteServerAction =
  | 'send'
  | 'resend'
  | 'startTimerF'
  | 'startTimerJ'
  | 'stopTimers'
  | 'reportTransportError';

/** What a new transaction does, besides passing its request to the TU. */
export const NON_INVITE_SERVER_START: Step<NonInviteServerState, NonInviteServerAction> = step(
  'trying',
  'startTimerF',
);

const FINAL: Step<NonInviteServerState, NonInviteServerAction> = step(
  'completed',
  'stopTimers',
  'send',
  'startTimerJ',
);

export const NON_INVITE_SERVER: StepTable<NonInviteServerState, NonInviteServerInput, NonInviteServerAction> =
  {
    trying: {
      provisional: step('proceeding', 'send'),
      success: FINAL,
      failure: FINAL,
      // RFC 4320 §4.2: nobody listens to an answer after the client's timer F, so none is sent.
      timerF: step('terminated'),
    },
    proceeding: {
      request: step('proceeding', 'resend'),
      provisional: step('proceeding', 'send'),
      success: FINAL,
      failure: FINAL,
      timerF: step('terminated'),
      transportError: step('terminated', 'reportTransportError'),
    },
    completed: {
      request: step('completed', 'resend'),
      timerJ: step('terminated'),
      transportError: step('terminated', 'reportTransportError'),
    },
    terminated: {},
  };

// INVITE client transaction (RFC 3261 §17.1.1 with the accepted state of RFC 6026 §7.2).
//
//   calling ──1xx──▶ proceeding
//      │  └──────────────┤
//     2xx            300-699 (ACK)
//      ▼                 ▼
//   accepted          completed ──D──▶ terminated ◀──M── accepted
import { type Step, type StepTable, step } from './step-table.ts';

export type InviteClientState = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

export type InviteClientInput =
  | 'timerA'
  | 'timerB'
  | 'timerD'
  | 'timerM'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'cancelled'
  | 'transportError';

export type InviteClientAction =
  | 'send'
  | 'sendAck'
  | 'deliver'
  | 'startTimerA'
  | 'repeatTimerA'
  | 'startTimerB'
  | 'startTimerD'
  | 'startTimerM'
  | 'stopTimers'
  | 'reportTimeout'
  | 'reportTransportError';

/** What a new transaction does. */
export const INVITE_CLIENT_START: Step<InviteClientState, InviteClientAction> = step(
  'calling',
  'send',
  'startTimerA',
  'startTimerB',
);

export const INVITE_CLIENT: StepTable<InviteClientState, InviteClientInput, InviteClientAction> = {
  calling: {
    timerA: step('calling', 'send', 'repeatTimerA'),
    timerB: step('terminated', 'reportTimeout'),
    provisional: step('proceeding', 'stopTimers', 'deliver'),
    success: step('accepted', 'stopTimers', 'deliver', 'startTimerM'),
    failure: step('completed', 'stopTimers', 'sendAck', 'deliver', 'startTimerD'),
    transportError: step('terminated', 'reportTransportError'),
  },
  proceeding: {
    provisional: step('proceeding', 'deliver'),
    success: step('accepted', 'stopTimers', 'deliver', 'startTimerM'),
    failure: step('completed', 'stopTimers', 'sendAck', 'deliver', 'startTimerD'),
    // RFC 3261 §9.1: without a final response 64*T1 after CANCEL, the call counts as cancelled.
    cancelled: step('proceeding', 'startTimerB'),
    timerB: step('terminated', 'reportTimeout'),
  },
  completed: {
    failure: step('completed', 'sendAck'),
    timerD: step('terminated'),
    // The final response has been delivered: that its ACK cannot leave is no news to the TU.
    transportError: step('terminated'),
  },
  accepted: {
    // RFC 6026 §7.2: every 2xx, retransmissions and those of other forks, is the TU's.
    success: step('accepted', 'deliver'),
    timerM: step('terminated'),
  },
  terminated: {},
};

// INVITE server transaction (RFC 3261 §17.2.1 with the accepted state of RFC 6026 §7.1).
//
//   proceeding ──300-699──▶ completed ──ACK──▶ confirmed ──I──▶ terminated
//       └──2xx──▶ accepted ──L──▶ terminated
import { type Step, type StepTable, step } from './step-table.ts';

export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

export type InviteServerInput =
  | 'request'
  | 'ack'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'timerTrying'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerL'
  | 'transportError';

export type InviteServerAction =
  | 'send'
  | 'sendTrying'
  | 'resend'
  | 'deliverAck'
  | 'startTimerTrying'
  | 'startTimerG'
  | 'repeatTimerG'
  | 'startTimerH'
  | 'startTimerI'
  | 'startTimerL'
  | 'stopTimers'
  | 'reportTimeout'
  | 'reportTransportError';

/** What a new transaction does, besides passing its request to the TU. */
export const INVITE_SERVER_START: Step<InviteServerState, InviteServerAction> = step(
  'proceeding',
  'startTimerTrying',
);

export const INVITE_SERVER: StepTable<InviteServerState, InviteServerInput, InviteServerAction> = {
  proceeding: {
    request: step('proceeding', 'resend'),
    timerTrying: step('proceeding', 'sendTrying'),
    provisional: step('proceeding', 'stopTimers', 'send'),
    success: step('accepted', 'stopTimers', 'send', 'startTimerL'),
    failure: step('completed', 'stopTimers', 'send', 'startTimerG', 'startTimerH'),
    transportError: step('terminated', 'reportTransportError'),
  },
  completed: {
    request: step('completed', 'resend'),
    ack: step('confirmed', 'stopTimers', 'startTimerI'),
    timerG: step('completed', 'resend', 'repeatTimerG'),
    timerH: step('terminated', 'reportTimeout'),
    transportError: step('terminated', 'reportTransportError'),
  },
  confirmed: {
    timerI: step('terminated'),
  },
  accepted: {
    // RFC 6026 §7.1: a retransmitted INVITE is absorbed; the TU alone repeats its 2xx, until ACK.
    success: step('accepted', 'send'),
    ack: step('accepted', 'deliverAck'),
    timerL: step('terminated'),
    // RFC 6026 §7.1: the TU is told and goes on, for it may repeat the 2xx.
    transportError: step('accepted', 'reportTransportError'),
  },
  terminated: {},
};

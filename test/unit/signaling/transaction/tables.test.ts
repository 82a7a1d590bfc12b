// Every (state, input) pair of the four transactions. What a row lacks must be ignored.
import { describe, expect, it } from 'vitest';
import { INVITE_CLIENT, INVITE_CLIENT_START } from '../../../../signaling/transaction/invite-client.ts';
import { INVITE_SERVER, INVITE_SERVER_START } from '../../../../signaling/transaction/invite-server.ts';
import {
  NON_INVITE_CLIENT,
  NON_INVITE_CLIENT_START,
} from '../../../../signaling/transaction/non-invite-client.ts';
import {
  NON_INVITE_SERVER,
  NON_INVITE_SERVER_START,
} from '../../../../signaling/transaction/non-invite-server.ts';
import type { Step } from '../../../../signaling/transaction/step-table.ts';

type Outcome = readonly [state: string, ...actions: string[]] | 'ignored';

interface Machine {
  readonly name: string;
  readonly table: Readonly<Record<string, Readonly<Record<string, Step<string, string>>>>>;
  readonly start: Step<string, string>;
  readonly started: Outcome;
  readonly inputs: readonly string[];
  /** One row a state, one outcome an input, in the order of `inputs`. */
  readonly expected: Readonly<Record<string, readonly Outcome[]>>;
}

const _ = 'ignored';

const machines: readonly Machine[] = [
  {
    name: 'INVITE client (RFC 3261 §17.1.1.2, RFC 6026 §7.2)',
    table: INVITE_CLIENT,
    start: INVITE_CLIENT_START,
    started: ['calling', 'send', 'startTimerA', 'startTimerB'],
    inputs: [
      'timerA',
      'timerB',
      'timerD',
      'timerM',
      'provisional',
      'success',
      'failure',
      'cancelled',
      'transportError',
    ],
    expected: {
      calling: [
        ['calling', 'send', 'repeatTimerA'],
        ['terminated', 'reportTimeout'],
        _,
        _,
        ['proceeding', 'stopTimers', 'deliver'],
        ['accepted', 'stopTimers', 'deliver', 'startTimerM'],
        ['completed', 'stopTimers', 'sendAck', 'deliver', 'startTimerD'],
        _,
        ['terminated', 'reportTransportError'],
      ],
      proceeding: [
        _,
        ['terminated', 'reportTimeout'],
        _,
        _,
        ['proceeding', 'deliver'],
        ['accepted', 'stopTimers', 'deliver', 'startTimerM'],
        ['completed', 'stopTimers', 'sendAck', 'deliver', 'startTimerD'],
        ['proceeding', 'startTimerB'],
        _,
      ],
      completed: [_, _, ['terminated'], _, _, _, ['completed', 'sendAck'], _, ['terminated']],
      accepted: [_, _, _, ['terminated'], _, ['accepted', 'deliver'], _, _, _],
      terminated: [_, _, _, _, _, _, _, _, _],
    },
  },
  {
    name: 'non-INVITE client (RFC 3261 §17.1.2.2)',
    table: NON_INVITE_CLIENT,
    start: NON_INVITE_CLIENT_START,
    started: ['trying', 'send', 'startTimerE', 'startTimerF'],
    inputs: ['timerE', 'timerF', 'timerK', 'provisional', 'success', 'failure', 'transportError'],
    expected: {
      trying: [
        ['trying', 'send', 'repeatTimerE'],
        ['terminated', 'reportTimeout'],
        _,
        ['proceeding', 'deliver'],
        ['completed', 'stopTimers', 'deliver', 'startTimerK'],
        ['completed', 'stopTimers', 'deliver', 'startTimerK'],
        ['terminated', 'reportTransportError'],
      ],
      proceeding: [
        ['proceeding', 'send', 'repeatTimerEAtT2'],
        ['terminated', 'reportTimeout'],
        _,
        ['proceeding', 'deliver'],
        ['completed', 'stopTimers', 'deliver', 'startTimerK'],
        ['completed', 'stopTimers', 'deliver', 'startTimerK'],
        ['terminated', 'reportTransportError'],
      ],
      completed: [_, _, ['terminated'], _, _, _, _],
      terminated: [_, _, _, _, _, _, _],
    },
  },
  {
    name: 'INVITE server (RFC 3261 §17.2.1, RFC 6026 §7.1)',
    table: INVITE_SERVER,
    start: INVITE_SERVER_START,
    started: ['proceeding', 'startTimerTrying'],
    inputs: [
      'request',
      'ack',
      'provisional',
      'success',
      'failure',
      'timerTrying',
      'timerG',
      'timerH',
      'timerI',
      'timerL',
      'transportError',
    ],
    expected: {
      proceeding: [
        ['proceeding', 'resend'],
        _,
        ['proceeding', 'stopTimers', 'send'],
        ['accepted', 'stopTimers', 'send', 'startTimerL'],
        ['completed', 'stopTimers', 'send', 'startTimerG', 'startTimerH'],
        ['proceeding', 'sendTrying'],
        _,
        _,
        _,
        _,
        ['terminated', 'reportTransportError'],
      ],
      completed: [
        ['completed', 'resend'],
        ['confirmed', 'stopTimers', 'startTimerI'],
        _,
        _,
        _,
        _,
        ['completed', 'resend', 'repeatTimerG'],
        ['terminated', 'reportTimeout'],
        _,
        _,
        ['terminated', 'reportTransportError'],
      ],
      confirmed: [_, _, _, _, _, _, _, _, ['terminated'], _, _],
      accepted: [
        _,
        ['accepted', 'deliverAck'],
        _,
        ['accepted', 'send'],
        _,
        _,
        _,
        _,
        _,
        ['terminated'],
        ['accepted', 'reportTransportError'],
      ],
      terminated: [_, _, _, _, _, _, _, _, _, _, _],
    },
  },
  {
    name: 'non-INVITE server (RFC 3261 §17.2.2)',
    table: NON_INVITE_SERVER,
    start: NON_INVITE_SERVER_START,
    started: ['trying', 'startTimerF'],
    inputs: ['request', 'provisional', 'success', 'failure', 'timerF', 'timerJ', 'transportError'],
    expected: {
      trying: [
        _,
        ['proceeding', 'send'],
        ['completed', 'stopTimers', 'send', 'startTimerJ'],
        ['completed', 'stopTimers', 'send', 'startTimerJ'],
        ['terminated'],
        _,
        _,
      ],
      proceeding: [
        ['proceeding', 'resend'],
        ['proceeding', 'send'],
        ['completed', 'stopTimers', 'send', 'startTimerJ'],
        ['completed', 'stopTimers', 'send', 'startTimerJ'],
        ['terminated'],
        _,
        ['terminated', 'reportTransportError'],
      ],
      completed: [
        ['completed', 'resend'],
        _,
        _,
        _,
        _,
        ['terminated'],
        ['terminated', 'reportTransportError'],
      ],
      terminated: [_, _, _, _, _, _, _],
    },
  },
];

function outcomeOf(step: Step<string, string> | undefined): Outcome {
  return step ? [step.state, ...step.actions] : 'ignored';
}

describe.each(machines)('$name', ({ table, start, started, inputs, expected }) => {
  it('starts as the RFC says', () => {
    expect(outcomeOf(start)).toEqual(started);
  });

  it('has no state and no input beside those tested', () => {
    expect(Object.keys(table).sort()).toEqual(Object.keys(expected).sort());
    const named = new Set(Object.values(table).flatMap((row) => Object.keys(row)));
    expect([...named].filter((input) => !inputs.includes(input))).toEqual([]);
  });

  const pairs = Object.entries(expected).flatMap(([state, row]) =>
    inputs.map((input, index) => ({ state, input, outcome: row[index] })),
  );
  it.each(pairs)('in $state, $input', ({ state, input, outcome }) => {
    expect(outcomeOf(table[state]?.[input])).toEqual(outcome);
  });
});

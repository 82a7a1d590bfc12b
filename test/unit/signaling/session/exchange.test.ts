import { describe, expect, it } from 'vitest';
import {
  EXCHANGE,
  Exchange,
  type ExchangeInput,
  type ExchangeState,
} from '../../../../signaling/session/exchange.ts';

const STATES: ExchangeState[] = ['idle', 'ours', 'theirs', 'unacknowledged', 'offered'];
const INPUTS: ExchangeInput[] = [
  'localOffer',
  'localDone',
  'remoteOffer',
  'answered',
  'answeredInvite',
  'offeredInvite',
  'refused',
  'acknowledged',
];

/** One row a state, one column an input as listed above; `-` is ignored. */
const EXPECTED: Record<ExchangeState, readonly string[]> = {
  idle: ['go ours', '-', 'go theirs', '-', 'go unacknowledged', '-', '-', '-'],
  ours: ['wait ours', 'go idle', 'pending ours', '-', '-', '-', '-', '-'],
  theirs: [
    'wait theirs',
    '-',
    'overlap theirs',
    'go idle',
    'go unacknowledged',
    'go offered',
    'go idle',
    '-',
  ],
  unacknowledged: ['wait unacknowledged', '-', 'go theirs', '-', '-', '-', '-', 'go idle'],
  offered: ['wait offered', '-', 'pending offered', '-', '-', '-', '-', 'go idle'],
};

const PATHS: Record<ExchangeState, readonly ExchangeInput[]> = {
  idle: [],
  ours: ['localOffer'],
  theirs: ['remoteOffer'],
  unacknowledged: ['remoteOffer', 'answeredInvite'],
  offered: ['remoteOffer', 'offeredInvite'],
};

describe('offers and answers of one dialog (RFC 3261 §14, RFC 3311 §5, RFC 6337)', () => {
  const pairs = STATES.flatMap((state) => INPUTS.map((input, column) => ({ state, input, column })));

  it.each(pairs)('$state, $input', ({ state, input, column }) => {
    const exchange = new Exchange();
    for (const before of PATHS[state]) exchange.handle(before);
    expect(exchange.state).toBe(state);
    const action = exchange.handle(input);
    const seen = action === undefined ? '-' : `${action} ${exchange.state}`;
    expect(seen).toBe(EXPECTED[state][column]);
    if (action === undefined) expect(exchange.state).toBe(state);
  });

  it('has no state or input beyond those', () => {
    expect(Object.keys(EXCHANGE)).toEqual(STATES);
    const known = new Set<string>(INPUTS);
    for (const row of Object.values(EXCHANGE))
      for (const input of Object.keys(row)) expect(known).toContain(input);
  });

  it('whenIdle() calls at once where nothing is under way, else once when it is over', () => {
    const exchange = new Exchange();
    const calls: string[] = [];
    exchange.whenIdle(() => calls.push('at once'));
    exchange.handle('localOffer');
    exchange.whenIdle(() => calls.push('later'));
    expect(calls).toEqual(['at once']);
    exchange.handle('localDone');
    exchange.handle('localOffer');
    exchange.handle('localDone');
    expect(calls).toEqual(['at once', 'later']);
  });
});

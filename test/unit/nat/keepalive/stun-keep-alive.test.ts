import { describe, expect, it } from 'vitest';
import { type Endpoint, SeededRandom } from '../../../../core/index.ts';
import { BindingResponder, StunKeepAlive } from '../../../../nat/index.ts';

const SERVER: Endpoint = { address: '192.0.2.1', port: 5060 };
const MAPPED: Endpoint = { address: '203.0.113.1', port: 61_000 };

function make() {
  const machine = new StunKeepAlive({ random: new SeededRandom(1), remote: SERVER });
  const responder = new BindingResponder();
  let now = 0;
  /** Asks, and is answered as seen from there; or by nobody. */
  const ask = (seenAt?: Endpoint, from = SERVER) => {
    machine.ask(now);
    for (const { bytes } of machine.takeDatagrams()) {
      const answer = seenAt && responder.handleDatagram(bytes, seenAt);
      if (answer) machine.handleDatagram(now, answer, from);
    }
    return machine.takeVerdicts();
  };
  /** Lets it give up. @returns when each datagram left, from the question on */
  const giveUp = () => {
    const startedAt = now;
    const sentAt: number[] = [];
    for (let at = machine.nextTimeoutAt(); at !== undefined; at = machine.nextTimeoutAt()) {
      now = at;
      machine.handleTimeout(now);
      sentAt.push(...machine.takeDatagrams().map(() => now - startedAt));
    }
    return { sentAt, tookMs: now - startedAt, verdicts: machine.takeVerdicts() };
  };
  return { machine, ask, giveUp };
}

describe('StunKeepAlive', () => {
  it('is alive for as long as it is seen at the same place, and moved where it is not', () => {
    const { machine, ask } = make();
    expect(machine.mapped).toBeUndefined();
    expect(ask(MAPPED)).toEqual(['alive']);
    expect(ask(MAPPED)).toEqual(['alive']);
    expect(ask({ ...MAPPED, port: 61_001 })).toEqual(['moved']);
    expect(machine.mapped).toEqual({ ...MAPPED, port: 61_001 });
    expect(ask({ ...MAPPED, port: 61_001 })).toEqual(['alive']);
  });

  it('is lost where no answer comes any more, within ten seconds', () => {
    const { ask, giveUp } = make();
    ask(MAPPED);
    ask();
    expect(giveUp()).toEqual({ sentAt: [500, 1500, 3500, 7500], tookMs: 9500, verdicts: ['lost'] });
  });

  it('is unanswered where the server never spoke STUN', () => {
    const { ask, giveUp } = make();
    ask();
    expect(giveUp().verdicts).toEqual(['unanswered']);
  });

  it('believes nobody but the far end of the flow, and reads no nonsense', () => {
    const { machine, ask } = make();
    expect(ask(MAPPED, { ...SERVER, port: 5061 })).toEqual([]);
    machine.handleDatagram(0, new Uint8Array(20), SERVER);
    machine.handleDatagram(0, new Uint8Array([1, 2, 3]), SERVER);
    expect(machine.takeVerdicts()).toEqual([]);
  });

  it('asks one question at a time', () => {
    const { machine } = make();
    machine.ask(0);
    machine.ask(100);
    expect(machine.takeDatagrams()).toHaveLength(1);
  });
});

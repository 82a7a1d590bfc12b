import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../core/index.ts';
import { BindingResponder } from '../../../nat/index.ts';
import type { EndpointEvents, Flow, SipEndpoint } from '../../../signaling/index.ts';
import { FlowKeeper } from '../../../softphone/flow-keeper.ts';
import { FakeRuntime } from './fake-runtime.ts';

const UDP: Flow = {
  protocol: 'udp',
  local: { address: '10.0.0.2', port: 5060 },
  remote: { address: '192.0.2.1', port: 5060 },
  connectionId: undefined,
};
const TCP: Flow = { ...UDP, protocol: 'tcp', connectionId: 7 };

function make({ flow = UDP, speaksStun = true, pongs = true, answersSip = true } = {}) {
  const runtime = new FakeRuntime();
  const responder = new BindingResponder();
  const world = { seenPort: 61_000, speaksStun, pongs, answersSip, isConnected: true };
  const log: string[] = [];
  const endpoint = Object.assign(new Emitter<EndpointEvents>(), {
    sendNonSip(bytes: Uint8Array): boolean {
      if (bytes.length === 4) return log.push('line breaks') > 0;
      log.push('stun');
      const seenAt = { address: '203.0.113.1', port: world.seenPort };
      const answer = world.speaksStun ? responder.handleDatagram(bytes, seenAt) : undefined;
      if (answer) endpoint.emit('nonSip', { bytes: answer, flow });
      return true;
    },
    ping(): boolean {
      log.push('ping');
      if (world.pongs) endpoint.emit('pong', flow);
      return world.isConnected;
    },
  });
  const lost: number[] = [];
  const keeper = new FlowKeeper(runtime, {
    // Cast: the keeper uses no more of it.
    endpoint: endpoint as unknown as SipEndpoint,
    askBySip: async () => {
      log.push('options');
      return world.answersSip;
    },
    onLost: () => lost.push(runtime.clock.now()),
  });
  keeper.keep(flow);
  const since = () => log.splice(0);
  return { runtime, keeper, world, lost, since };
}

describe('FlowKeeper', () => {
  it('asks by STUN over UDP every 24 to 29 s, and is content', async () => {
    const { runtime, keeper, lost, since } = make();
    await runtime.advance(600_000);
    const asked = since().length;
    expect(asked).toBeGreaterThanOrEqual(600 / 29);
    expect(asked).toBeLessThanOrEqual(1 + 600 / 24);
    expect([lost, keeper.mapped?.port]).toEqual([[], 61_000]);
    keeper.stop();
    expect(runtime.timerCount).toBe(0);
  });

  it('tells that the flow is gone where the mapping is another or nobody answers, and asks twice as often', async () => {
    const { runtime, keeper, world, lost } = make();
    await runtime.advance(1000);
    world.seenPort = 61_001;
    await runtime.advance(29_000);
    expect(lost).toHaveLength(1);
    expect(keeper.udpInterval.longestMs).toBe(14_500);
    expect(runtime.timerCount).toBe(0);
    keeper.keep(UDP);
    world.speaksStun = false;
    await runtime.advance(14_500 + 9500);
    expect(lost).toHaveLength(2);
    expect(keeper.udpInterval.longestMs).toBe(10_000);
  });

  it('asks by OPTIONS where STUN is not answered, and misses whoever answered those', async () => {
    const { runtime, world, lost, since } = make({ speaksStun: false });
    await runtime.advance(60_000);
    expect(since().slice(0, 7)).toEqual([...Array(5).fill('stun'), 'options', 'options']);
    world.answersSip = false;
    await runtime.advance(29_000);
    expect(lost).toHaveLength(1);
  });

  it('sends line breaks where nothing is answered, and calls nothing lost', async () => {
    const { runtime, keeper, lost, since } = make({ speaksStun: false, answersSip: false });
    await runtime.advance(120_000);
    expect(since().slice(5, 9)).toEqual(['options', 'line breaks', 'line breaks', 'line breaks']);
    expect(lost).toEqual([]);
    keeper.stop();
  });

  it('pings connections, and misses the pong of who has sent one (RFC 5626 §4.4.1)', async () => {
    const { runtime, world, lost, since } = make({ flow: TCP });
    await runtime.advance(600_000);
    expect(since().length).toBeLessThanOrEqual(1 + 600 / 95);
    world.pongs = false;
    await runtime.advance(120_000 + 10_000);
    expect(lost).toHaveLength(1);
    expect(runtime.timerCount).toBe(0);
  });

  it('does not miss the pong of a server that never sends one, but a connection that is gone', async () => {
    const { runtime, world, lost } = make({ flow: TCP, pongs: false });
    await runtime.advance(600_000);
    expect(lost).toEqual([]);
    world.isConnected = false;
    await runtime.advance(120_000);
    expect(lost).toHaveLength(1);
  });
});

import { describe, expect, test } from 'vitest';
import { ATTRIBUTE, encodeChannelData } from '../../../../../nat/index.ts';
import { PEER, RELAY_ADDRESS, TurnStage } from '../../../../support/turn-stage.ts';

const DATA = Uint8Array.of(1, 2, 3, 4, 5);

describe('a TURN server', () => {
  test('allocates a relay and says where the client is (RFC 8656 §7.2)', () => {
    const client = new TurnStage().client(5000);
    const answer = client.allocate();
    expect(answer.class).toBe('success');
    expect(answer.mappedAddress).toEqual(client.remote);
    expect(answer.uint32(ATTRIBUTE.lifetime)).toBe(600);
    expect(client.relayed).toEqual([{ address: RELAY_ADDRESS, port: expect.any(Number) }]);
  });

  test('relays by Send and Data indications (RFC 8656 §11)', () => {
    const stage = new TurnStage();
    const client = stage.allocated(5000);
    expect(client.permit(PEER).class).toBe('success');
    client.sendTo(PEER, DATA);
    expect(stage.relayed).toEqual([{ from: client.relayed[0], to: PEER, bytes: DATA }]);
    stage.arrive(client.relayed[0] ?? PEER, PEER, DATA);
    expect(client.lastMessage.class).toBe('indication');
    expect(client.lastMessage.xorAddress(ATTRIBUTE.xorPeerAddress)).toEqual(PEER);
    expect(client.lastMessage.value(ATTRIBUTE.data)).toEqual(DATA);
  });

  test('relays by channels (RFC 8656 §12)', () => {
    const stage = new TurnStage();
    const client = stage.allocated(5000);
    expect(client.bindChannel(0x4001, PEER).class).toBe('success');
    client.say(encodeChannelData(0x4001, DATA));
    expect(stage.relayed).toEqual([{ from: client.relayed[0], to: PEER, bytes: DATA }]);
    stage.arrive(client.relayed[0] ?? PEER, PEER, DATA);
    expect(client.last).toEqual(encodeChannelData(0x4001, DATA));
  });

  test('is empty after everything was over', () => {
    const stage = new TurnStage();
    const client = stage.allocated(5000);
    client.bindChannel(0x4001, PEER);
    stage.pass(700_000);
    expect(new Set(Object.values(stage.server.tables))).toEqual(new Set([0]));
    expect(stage.bound.size).toBe(0);
    expect(stage.server.nextTimeoutAt()).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { ATTRIBUTE, encodeChannelData, METHOD } from '../../../../../nat/index.ts';
import { Bench, ELSEWHERE, PEER, SOUND } from './client-bench.ts';
import { dataIndication, decodeRequest, SERVER } from './scripted-server.ts';

describe('permissions', () => {
  test('wait for the allocation, and are renewed after four minutes (RFC 8656 §9)', () => {
    const bench = new Bench();
    bench.client.permit(0, PEER.address);
    expect(bench.client.takeDatagrams()).toHaveLength(0);
    bench.allocate();
    expect(bench.count(METHOD.createPermission)).toBe(1);
    bench.client.permit(0, PEER.address);
    bench.advance(239_999);
    expect(bench.count(METHOD.createPermission)).toBe(1);
    bench.advance(240_000);
    expect(bench.count(METHOD.createPermission)).toBe(2);
  });

  test('are asked for by the first data to a peer, which goes along', () => {
    const bench = new Bench().allocate();
    const frame = bench.client.write(0, PEER, SOUND);
    const sent = frame ? decodeRequest(frame) : undefined;
    expect(sent).toMatchObject({ method: METHOD.send, class: 'indication' });
    expect(sent?.xorAddress(ATTRIBUTE.xorPeerAddress)).toEqual(PEER);
    expect(sent?.value(ATTRIBUTE.data)).toEqual(SOUND);
    bench.exchange();
    expect(bench.count(METHOD.createPermission)).toBe(1);
  });

  test('403 is told, and no data goes there any more', () => {
    const bench = new Bench().allocate();
    bench.server.script = { status: 403 };
    bench.client.permit(0, '10.0.0.1');
    bench.exchange();
    expect(bench.events.at(-1)).toEqual({ type: 'peerRefused', address: '10.0.0.1', status: 403 });
    expect(bench.client.write(0, { address: '10.0.0.1', port: 1 }, SOUND)).toBeUndefined();
    expect(bench.client.counters.unsent).toBe(1);
    expect(bench.client.state).toBe('allocated');
  });

  test('are not asked for an address of the other family', () => {
    const bench = new Bench().allocate();
    bench.client.permit(0, '2001:db8::7');
    expect(bench.client.write(0, { address: '2001:db8::7', port: 1 }, SOUND)).toBeUndefined();
    expect(bench.client.tables.permissions).toBe(0);
  });

  test('are bounded: the oldest makes room', () => {
    const bench = new Bench().allocate();
    for (let i = 0; i < 300; i += 1) bench.client.permit(0, `203.0.${i >> 8}.${i & 255}`);
    expect(bench.client.tables.permissions).toBe(64);
  });

  test('what comes from others is dropped and counted (RFC 8656 §11.4)', () => {
    const bench = new Bench().allocate();
    bench.client.permit(0, PEER.address);
    expect(bench.client.handleDatagram(0, dataIndication(PEER, SOUND), SERVER)).toEqual({
      peer: PEER,
      data: SOUND,
    });
    const stranger = { address: '198.51.100.8', port: 5000 };
    expect(bench.client.handleDatagram(0, dataIndication(stranger, SOUND), SERVER)).toBeUndefined();
    expect(bench.client.handleDatagram(0, dataIndication(PEER, SOUND), ELSEWHERE)).toBeUndefined();
    expect(bench.client.counters).toMatchObject({ unpermitted: 1, fromElsewhere: 1 });
  });
});

describe('channels', () => {
  test('carry data once the server confirmed them, both ways (RFC 8656 §12)', () => {
    const bench = new Bench().allocate();
    bench.client.bindChannel(0, PEER);
    expect(bench.client.write(0, PEER, SOUND)?.[0]).toBe(0);
    bench.exchange();
    expect(bench.events.at(-1)).toEqual({ type: 'channelBound', peer: PEER });
    expect(bench.client.write(0, PEER, SOUND)).toEqual(encodeChannelData(0x4000, SOUND));
    expect(bench.client.handleDatagram(0, encodeChannelData(0x4000, SOUND), SERVER)).toEqual({
      peer: PEER,
      data: SOUND,
    });
  });

  test('are renewed after nine minutes, and never given to another peer', () => {
    const bench = new Bench().allocate();
    bench.client.bindChannel(0, PEER);
    bench.exchange();
    bench.advance(540_000);
    expect(bench.count(METHOD.channelBind)).toBe(2);
    const other = { ...PEER, port: 5001 };
    bench.client.bindChannel(bench.now, other);
    bench.exchange();
    expect(bench.client.write(bench.now, other, SOUND)).toEqual(encodeChannelData(0x4001, SOUND));
    expect(bench.client.write(bench.now, PEER, SOUND)).toEqual(encodeChannelData(0x4000, SOUND));
  });

  test('are padded to four bytes over TCP (RFC 8656 §12.5)', () => {
    const bench = new Bench({ isReliable: true }).allocate();
    bench.client.bindChannel(0, PEER);
    bench.exchange();
    expect(bench.client.write(0, PEER, SOUND)).toEqual(
      Uint8Array.of(0x40, 0, 0, 5, 0x80, 0, 1, 2, 3, 0, 0, 0),
    );
  });

  test('that are refused leave data to indications', () => {
    const bench = new Bench().allocate();
    bench.client.permit(0, PEER.address);
    bench.exchange();
    bench.server.script = { status: 508 };
    bench.client.bindChannel(0, PEER);
    bench.exchange();
    expect(bench.client.write(0, PEER, SOUND)?.[0]).toBe(0);
    expect(bench.client.tables.channels).toBe(0);
  });

  test('that were never bound, and broken frames, are dropped and counted', () => {
    const bench = new Bench().allocate();
    for (const bytes of [
      encodeChannelData(0x4abc, SOUND),
      Uint8Array.of(0x40, 0, 0, 9, 1),
      Uint8Array.of(0x40),
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(0x80, 0),
      new Uint8Array(0),
    ]) {
      expect(bench.client.handleDatagram(0, bytes, SERVER)).toBeUndefined();
    }
    expect(bench.client.counters).toMatchObject({ unboundChannel: 1, malformed: 5 });
  });

  test('are bounded', () => {
    const bench = new Bench().allocate();
    for (let port = 1; port <= 5_000; port += 1) bench.client.bindChannel(0, { ...PEER, port });
    expect(bench.client.tables.channels).toBeLessThanOrEqual(16);
  });
});

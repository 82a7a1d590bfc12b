import { describe, expect, it } from 'vitest';
import { encodeRtcp } from '../../../../media/rtcp/index.ts';
import { rtpPayloadType, rtpSequenceNumber, rtpSsrc, rtpTimestamp } from '../../../../media/rtp/index.ts';
import { createCall, createLab, opusAs, PARTY_SSRC, PCMU, packet, remoteAt, settle } from './media-lab.ts';

const sequences = (packets: readonly Uint8Array[]) => packets.map(rtpSequenceNumber);

describe('the relay', () => {
  it('leaves numbers and payload of the first source alone, under our own SSRC', async () => {
    const { fromAlice, rtpFrom, bob } = await createCall();
    fromAlice(packet(9));
    const [sent] = rtpFrom(bob.rtpPort);
    expect(sent && [rtpSequenceNumber(sent), rtpTimestamp(sent), rtpSsrc(sent)]).toEqual([9, 1440, bob.ssrc]);
  });

  it('numbers a format as the other side does (RFC 3264 §5.1)', async () => {
    const { fromAlice, rtpFrom, bob } = await createCall(opusAs(111), opusAs(96));
    fromAlice(packet(1, 111));
    expect(rtpFrom(bob.rtpPort).map(rtpPayloadType)).toEqual([96]);
  });

  it('sends nothing that the other side did not negotiate and no codec converts, and says why', async () => {
    const { engine, fromAlice, rtpFrom, alice, bob } = await createCall(PCMU, { ...PCMU, encoding: 'ilbc' });
    fromAlice(packet(1));
    expect(rtpFrom(bob.rtpPort)).toEqual([]);
    expect((await engine.report(alice.legId)).discarded).toEqual({ 'peer-format': 1 });
  });

  it('leaves no hole in the numbers over a hold of the other side', async () => {
    const { engine, fromAlice, rtpFrom, bob, advance } = await createCall();
    for (const sequence of [1, 2, 3]) fromAlice(packet(sequence));
    await engine.setRemote(bob.legId, remoteAt('192.0.2.2', PCMU, 'inactive'));
    for (let sequence = 4; sequence <= 103; sequence += 1) {
      advance(20);
      fromAlice(packet(sequence));
    }
    await engine.setRemote(bob.legId, remoteAt('192.0.2.2'));
    fromAlice(packet(104));
    expect(sequences(rtpFrom(bob.rtpPort))).toEqual([1, 2, 3, 4]);
    expect(rtpFrom(bob.rtpPort).map(rtpTimestamp).at(-1)).toBe(3 * 160 + 100 * 160);
  });

  it('goes on where the stream stood when a party restarts its numbers (RFC 3550 A.1)', async () => {
    const { engine, fromAlice, rtpFrom, alice, bob, advance } = await createCall();
    for (const sequence of [65_535, 0, 40_000, 40_001, 40_002]) {
      fromAlice(packet(sequence));
      advance(20);
    }
    expect(sequences(rtpFrom(bob.rtpPort))).toEqual([65_535, 0, 1, 2]);
    expect((await engine.report(alice.legId)).discarded).toEqual({ 'bad-sequence': 1 });
  });

  it('reports jitter by the clock of the sound, also after digits of another clock (RFC 4733 §2.1)', async () => {
    const { engine, fromAlice, deliver, rtpFrom, alice, bob } = await createCall();
    const events = { payloadType: 101, encoding: 'telephone-event', clockRateHz: 8000, channels: 1 };
    const formats = [opusAs(111), events];
    await engine.setRemote(alice.legId, { ...remoteAt('192.0.2.1'), formats });
    await engine.setRemote(bob.legId, { ...remoteAt('192.0.2.2'), formats });
    fromAlice(packet(1, 111));
    fromAlice(packet(2, 101));
    expect(rtpFrom(bob.rtpPort).map(rtpPayloadType)).toEqual([111, 101]);
    const block = {
      ssrc: bob.ssrc,
      fractionLost: 0,
      cumulativeLost: 0,
      extendedHighestSequenceNumber: 2,
      interarrivalJitter: 480,
      lastSr: 0,
      delaySinceLastSr: 0,
    };
    const report = encodeRtcp([{ type: 'RR', ssrc: PARTY_SSRC, reports: [block] }]);
    deliver(bob.rtcpPort, report, '192.0.2.2', 4001);
    expect((await engine.report(bob.legId)).outbound?.jitterMs).toBe(10);
  });

  it('echoes without the party’s own SSRC, which would be a loop (RFC 3550 §8.2)', async () => {
    const { engine, fromAlice, rtpFrom, alice } = await createCall();
    await engine.echo(alice.legId);
    fromAlice(packet(1));
    expect(rtpFrom(alice.rtpPort).map(rtpSsrc)).toEqual([alice.ssrc]);
    expect(alice.ssrc).not.toBe(PARTY_SSRC);
  });

  it('accounts for every packet', async () => {
    const { engine, fromAlice, deliver, alice } = await createCall();
    fromAlice(packet(1));
    fromAlice(new Uint8Array(3));
    fromAlice(packet(2, 9));
    deliver(alice.rtpPort, packet(3), '198.51.100.1', 4000);
    deliver(alice.rtpPort, new Uint8Array(20), '198.51.100.1', 4000);
    expect(await engine.report(alice.legId)).toMatchObject({
      received: 5,
      forwarded: 1,
      consumed: 0,
      discarded: { 'not-media': 1, 'wrong-payload-type': 1, 'wrong-source': 1, stun: 1 },
    });
  });
});

describe('tones', () => {
  it('are heard alone, in one stream with what came before and after', async () => {
    const { engine, fromAlice, rtpFrom, alice, bob, advance } = await createCall();
    fromAlice(packet(1));
    const played = engine.playTone(bob.legId, 'confirmation');
    await settle();
    for (let sequence = 2; sequence <= 200; sequence += 1) {
      advance(20);
      fromAlice(packet(sequence));
    }
    await played;
    fromAlice(packet(201));
    const heard = sequences(rtpFrom(bob.rtpPort));
    expect(heard).toEqual(heard.map((_, index) => index + 1));
    expect((await engine.report(alice.legId)).discarded.tone).toBeGreaterThan(1);
  });

  it('end with a new peer, and with the leg', async () => {
    const { engine, alice, bob } = await createCall();
    const first = engine.playTone(bob.legId, 'busy');
    await settle();
    await engine.connect(alice.legId, bob.legId);
    const second = engine.playTone(bob.legId, 'busy');
    await settle();
    const third = engine.playTone(bob.legId, 'error');
    await settle();
    await engine.closeLeg(bob.legId);
    await expect(Promise.all([first, second, third])).resolves.toHaveLength(3);
  });
});

describe('inactivity', () => {
  const count = (call: Awaited<ReturnType<typeof createCall>>) => {
    const told: number[] = [];
    call.engine.on('inactive', ({ legId }) => told.push(legId));
    return () => told.filter((legId) => legId === call.alice.legId).length;
  };
  const report = encodeRtcp([{ type: 'RR', ssrc: PARTY_SSRC, reports: [] }]);

  it('is told each time that the limit passes, so that who waved it off while ringing hears again', async () => {
    const call = await createCall();
    const told = count(call);
    call.advance(59_900);
    expect(told()).toBe(0);
    call.advance(200);
    expect(told()).toBe(1);
    call.advance(60_000);
    expect(told()).toBe(2);
  });

  it('is held off by RTCP alone', async () => {
    const call = await createCall();
    const told = count(call);
    for (let i = 0; i < 30; i += 1) {
      call.advance(5000);
      call.deliver(call.alice.rtcpPort, report, '192.0.2.1', 4001);
    }
    expect(told()).toBe(0);
  });

  it('is not told of a party on hold', async () => {
    const call = await createCall();
    const told = count(call);
    await call.engine.setRemote(call.alice.legId, remoteAt('192.0.2.1', PCMU, 'inactive'));
    call.advance(600_000);
    expect(told()).toBe(0);
  });

  it('is not held off by RTCP of a stranger, which does not draw ours away either', async () => {
    const call = await createCall();
    const told = count(call);
    call.deliver(call.alice.rtcpPort, report, '192.0.2.1', 4001);
    call.advance(30_000);
    call.deliver(call.alice.rtcpPort, report, '192.0.2.1', 9999);
    call.deliver(call.alice.rtcpPort, report, '198.51.100.1', 4001);
    call.advance(31_000);
    expect(told()).toBe(1);
    const ports = call.sent.filter(({ fromPort }) => fromPort === call.alice.rtcpPort).map((to) => to.toPort);
    expect(new Set(ports)).toEqual(new Set([4001]));
  });
});

describe('ports', () => {
  it('are refused where none is left, and free again after the leg is closed', async () => {
    const { engine, sockets } = createLab();
    const open = () => engine.openLeg({ callKey: 'k', localAddress: '192.0.2.9', label: 'x' });
    const legs = [await open(), await open(), await open(), await open()];
    expect(legs.every(({ rtpPort, rtcpPort }) => rtpPort % 2 === 0 && rtcpPort === rtpPort + 1)).toBe(true);
    await expect(open()).rejects.toMatchObject({ code: 'MEDIA_PORTS_EXHAUSTED' });
    await engine.closeLeg(legs[2]?.legId ?? 0);
    expect((await open()).rtpPort).toBe(legs[2]?.rtpPort);
    await engine.close();
    expect([...sockets.values()].every(({ isClosed }) => isClosed)).toBe(true);
  });

  it('are not left open where the engine closes while a leg opens', async () => {
    const { engine, sockets } = createLab();
    const opening = engine.openLeg({ callKey: 'k', localAddress: '192.0.2.9', label: 'x' });
    await engine.close();
    await expect(opening).rejects.toMatchObject({ code: 'MEDIA_FAILED' });
    expect([...sockets.values()].every(({ isClosed }) => isClosed)).toBe(true);
  });
});

describe('a fault of ours', () => {
  const broken = () => {
    throw new Error('broken');
  };

  it('while a packet is handled ends that leg alone, and tells of it', async () => {
    const { engine, sockets, fromAlice, alice, bob, deliver, rtpFrom } = await createCall();
    const failed: unknown[] = [];
    engine.on('failed', (failure) => failed.push(failure));
    Object.assign(sockets.get(bob.rtpPort) ?? {}, { send: broken });
    fromAlice(packet(1));
    expect(failed).toEqual([{ legIds: [alice.legId], reason: 'broken' }]);
    expect([sockets.get(alice.rtpPort)?.isClosed, sockets.get(bob.rtpPort)?.isClosed]).toEqual([true, false]);
    await expect(engine.report(alice.legId)).rejects.toMatchObject({ code: 'MEDIA_LEG_UNKNOWN' });
    deliver(bob.rtpPort, packet(1), '192.0.2.2', 4000);
    expect((await engine.report(bob.legId)).discarded).toEqual({ 'not-connected': 1 });
    expect(rtpFrom(alice.rtpPort)).toEqual([]);
  });

  it('at a deadline ends that leg, and the deadlines of others go on', async () => {
    const { engine, sockets, sent, alice, bob, advance } = await createCall();
    const failed: unknown[] = [];
    engine.on('failed', (failure) => failed.push(failure));
    Object.assign(sockets.get(alice.rtcpPort) ?? {}, { send: broken });
    advance(10_000);
    expect(failed).toEqual([{ legIds: [alice.legId], reason: 'broken' }]);
    expect(sent.filter(({ fromPort }) => fromPort === bob.rtcpPort).length).toBeGreaterThan(1);
  });
});

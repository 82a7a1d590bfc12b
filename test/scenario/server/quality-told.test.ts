// The server tells others of its calls: a Homer server (HEP), and a collector (RFC 6035).
import { describe, expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { openSipEndpoint, parseVqReport, SipUserAgent, type VqReport } from '../../../signaling/index.ts';
import { type DecodedHep, decodeHep } from '../../support/hep.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, type TestPhone } from '../../support/test-phone.ts';

const USERS = { alice: {}, bob: {} };
const HOMER = '203.0.113.60';
const COLLECTOR = '203.0.113.61';
const SERVER = '192.0.2.1';

/** A call with a second of sound both ways. @returns the Call-IDs of both parties */
async function talk(world: World, system: PhoneSystem): Promise<readonly string[]> {
  const [alice, bob] = await system.phones('alice', 'bob');
  const { call, log } = await system.connect(alice, bob);
  const [incoming] = bob.incoming;
  const to = (sdp: string | undefined, phone: TestPhone) => [phone, mediaAddress(sdp)] as const;
  await system.talk([...to(log.accepted[0]?.sdp, alice)], [...to(incoming?.offerSdp, bob)]);
  call.end();
  await world.run(2000);
  return [call.callId, incoming?.callId ?? ''];
}

/** Everything that a Homer server was sent, also by others than ours. */
async function homer(world: World) {
  const host = world.host('homer', { addresses: [HOMER] });
  const socket = await world.complete(host.network.bindUdp({ address: HOMER, port: 9060 }));
  const packets: DecodedHep[] = [];
  socket.onDatagram = (bytes, address) => {
    expect(address).toBe(SERVER);
    packets.push(decodeHep(bytes));
  };
  return { packets, close: () => socket.close() };
}

describe('a Homer server', () => {
  scenario('gets all SIP of the server and the quality of its calls', { seed: 71 }, async (world) => {
    const { packets, close } = await homer(world);
    world.names.hosts.set('homer.example', [HOMER]);
    const hep = { address: 'homer.example', captureId: 42, password: 'capture' };
    const system = await startPhoneSystem(world, { users: USERS, told: { hep } });
    const callIds = await talk(world, system);
    for (const packet of packets) {
      expect(packet).toMatchObject({ family: 2, ipProtocol: 17, captureId: 42, password: 'capture' });
    }
    const sip = packets.filter(({ protocol }) => protocol === 1);
    // Each message once: those that the phones sent and heard, in this same process, are not captured again.
    const lines = sip
      .filter(({ correlationId }) => callIds.includes(correlationId ?? ''))
      .map(({ payload, source, destination }) => `${source} > ${destination} ${payload.split('\r\n', 1)[0]}`);
    const [alice, bob] = ['192.0.2.11', '192.0.2.12'];
    expect(lines.filter((line) => line.includes(' INVITE '))).toEqual([
      `${alice} > ${SERVER} INVITE sip:bob@${SERVER} SIP/2.0`,
      `${alice} > ${SERVER} INVITE sip:bob@${SERVER} SIP/2.0`,
      expect.stringMatching(`^${SERVER} > ${bob} INVITE `),
    ]);
    expect(lines.filter((line) => line.includes(' BYE '))).toHaveLength(2);
    expect(lines.filter((line) => line.endsWith('200 OK'))).toHaveLength(4);
    for (const { sourcePort, destinationPort, payload } of sip) {
      expect([sourcePort, destinationPort]).toEqual([5060, 5060]);
      expect(payload).not.toMatch(/response="[0-9a-f]{32}/);
    }
    expect(
      sip.some(({ payload }) => /Authorization: Digest username="alice".*response="masked"/.test(payload)),
    ).toBe(true);
    const times = sip.map(({ microseconds }) => microseconds);
    expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
    expectQuality(packets, callIds);
    close();
    await system.expectQuiet();
  });

  scenario('that cannot be found costs nothing, and is found later', { seed: 72 }, async (world) => {
    const { packets, close } = await homer(world);
    const told = { hep: { address: 'homer.example:9060' } };
    const system = await startPhoneSystem(world, { users: USERS, told });
    await talk(world, system);
    expect(packets).toEqual([]);
    world.names.hosts.set('homer.example', [HOMER]);
    await world.run(31_000);
    const [carol] = await system.phones('alice');
    expect(await world.complete(carol.register())).toBe(200);
    await world.run(100);
    expect(packets.map(({ payload }) => payload.split(' ', 1)[0])).toContain('REGISTER');
    close();
    await system.expectQuiet();
  });
});

function expectQuality(packets: readonly DecodedHep[], callIds: readonly string[]): void {
  const texts = packets.filter(({ protocol }) => protocol === 35);
  expect(texts.map(({ correlationId }) => correlationId)).toEqual(callIds);
  const reports = texts.map(({ payload }) => parsed(payload));
  expect(reports[0]).toMatchObject({
    callId: callIds[0],
    isFinal: true,
    localId: '<sip:bob@pbx.example>',
    remoteId: '<sip:alice@pbx.example>',
    origId: '<sip:alice@pbx.example>',
    local: { codec: 'PCMU', lossRatio: 0 },
  });
  const [text] = texts;
  expect([text?.source, text?.destination]).toEqual([SERVER, '192.0.2.11']);
  expect(text?.sourcePort).toBe(reports[0]?.localAddress?.port);
  const streams = packets.filter(({ protocol }) => protocol === 34).map(({ payload }) => JSON.parse(payload));
  expect(streams.filter(({ DIR }) => DIR === 0)).toMatchObject([
    { CORRELATION_ID: callIds[0], SRC_IP: '192.0.2.11', DST_IP: SERVER, TOTAL_PK: 50, PACKET_LOSS: 0 },
    { CORRELATION_ID: callIds[1], SRC_IP: '192.0.2.12', DST_IP: SERVER, TOTAL_PK: 50 },
  ]);
}

function parsed(text: string): VqReport {
  const report = parseVqReport(text);
  if (report instanceof DecodeError) throw new Error(String(report));
  return report;
}

describe('a collector', () => {
  scenario('is told of each leg', { seed: 73 }, async (world) => {
    const host = world.host('collector', { addresses: [COLLECTOR] });
    const endpoint = await world.complete(
      openSipEndpoint(host, {
        listen: [
          { protocol: 'udp', address: COLLECTOR, port: 5060 },
          { protocol: 'tcp', address: COLLECTOR, port: 5060 },
        ],
        product: 'collector',
      }),
    );
    const userAgent = new SipUserAgent(host, endpoint);
    const heard: { event: string | undefined; report: VqReport }[] = [];
    userAgent.on('request', ({ request, respond }) => {
      const report = parsed(Buffer.from(request.body).toString());
      heard.push({ event: request.header('Event'), report });
      respond(200);
    });
    const told = { quality: { collector: `sip:vq@${COLLECTOR}` } };
    const system = await startPhoneSystem(world, { users: USERS, told });
    const callIds = await talk(world, system);
    expect(heard.map(({ event }) => event)).toEqual(['vq-rtcpxr', 'vq-rtcpxr']);
    expect(heard.map(({ report }) => report.callId)).toEqual(callIds);
    expect(heard[1]?.report).toMatchObject({
      remoteId: '<sip:bob@pbx.example>',
      remoteAddress: { address: '192.0.2.12' },
      local: { lossRatio: 0 },
    });
    await world.complete(userAgent.close());
    await system.expectQuiet();
  });

  scenario('that does not answer holds nothing up', { seed: 74 }, async (world) => {
    const told = { quality: { collector: 'sip:203.0.113.99' } };
    const system = await startPhoneSystem(world, { users: USERS, told });
    await talk(world, system);
    expect(await system.recordOf('alice')).toMatchObject({ disposition: 'ANSWERED' });
    await system.expectQuiet();
  });
});

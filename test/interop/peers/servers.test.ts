// The servers that benches compare us with prove that they work: Kamailio with sipp, rtpengine with a packet each way.
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { cpuSeconds } from '../../support/peers/cpu-time.ts';
import { startKamailio } from '../../support/peers/kamailio.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { startRtpengine } from '../../support/peers/rtpengine.ts';
import { sippCredentials, startSipp } from '../../support/peers/sipp.ts';

const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe.skipIf(missingPeer('kamailio', 'sipp'))('Kamailio', () => {
  it('registers sipp with digest', async () => {
    const kamailio = await startKamailio({ realm: 'test', password: 'secret' });
    closing.push(() => kamailio.stop());
    const users = Array.from({ length: 100 }, (_, i) => [
      `u${i}`,
      sippCredentials(`u${i}`, 'secret'),
      `<sip:u${i}@127.0.0.1:9>`,
    ]);
    const registering = await startSipp({
      scenario: 'register',
      remote: `127.0.0.1:${kamailio.port}`,
      calls: 1000,
      rate: 1000,
      users,
    });
    expect(await registering.result()).toMatchObject({ exitCode: 0, successful: 1000, failed: 0 });
    expect(cpuSeconds(kamailio.pid)).toBeGreaterThan(0);
  });
});

describe.skipIf(missingPeer('rtpengine'))('rtpengine', () => {
  it('relays both ways in user space', async () => {
    const rtpengine = await startRtpengine({ rtpPorts: [41_000, 41_100] });
    closing.push(() => rtpengine.stop());
    const caller = await bind();
    const callee = await bind();
    const ports = await rtpengine.openCall('one', {
      callerPort: caller.address().port,
      calleePort: callee.address().port,
    });
    expect(await passOne(caller, ports.forCaller, callee)).toBe(ports.forCallee);
    expect(await passOne(callee, ports.forCallee, caller)).toBe(ports.forCaller);
  });
});

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');
  closing.push(() => void socket.close());
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** Sends one RTP packet. @returns the port from which it came out */
async function passOne(from: Socket, to: number, at: Socket): Promise<number> {
  const packet = Buffer.alloc(172);
  packet[0] = 0x80;
  packet.writeUInt32BE(7, 8);
  const arrived = new Promise<number>((resolve) => at.once('message', (_, remote) => resolve(remote.port)));
  from.send(packet, to, '127.0.0.1');
  return await arrived;
}

import { describe, expect, it } from 'vitest';
import type { UdpSocket } from '../../../../core/index.ts';
import { dropEvery, UdpRelay, type UdpRelayOptions } from '../../../../media/impairment/index.ts';
import { type Host, World } from '../../../support/index.ts';

const RELAY = '192.0.2.5';
const TARGET = '192.0.2.9';

/** A phone, a relay of two ports, and a target that sends back what it gets. */
async function stage(options: Partial<UdpRelayOptions> = {}) {
  const world = new World({ seed: 1 });
  const [phone, middle, target] = [
    world.host('phone', { addresses: ['192.0.2.1'] }),
    world.host('relay', { addresses: [RELAY] }),
    world.host('target', { addresses: [TARGET] }),
  ];
  for (const port of [7000, 7001]) {
    const echo = await world.hold(bind(target, port));
    echo.onDatagram = (bytes, address, from) => echo.send(bytes, address, from);
  }
  const relay = await world.hold(
    UdpRelay.open(middle, {
      random: world.random.fork('relay'),
      listen: { address: RELAY, port: 5000, count: 2 },
      to: { address: TARGET, port: 7000 },
      there: { delayMs: 0 },
      back: { delayMs: 0 },
      ...options,
    }),
  );
  return { world, relay, socket: await world.hold(bind(phone, 4000)), middle };
}

function bind(host: Host, port: number): Promise<UdpSocket> {
  const [address = ''] = host.addresses;
  return host.network.bindUdp({ address, port });
}

describe('UdpRelay', () => {
  it('passes each port on to its own, and the answers back from where they were sent to', async () => {
    const { world, relay, socket } = await stage();
    const heard: [number, number][] = [];
    socket.onDatagram = (bytes, _address, port) => heard.push([port, bytes[0] ?? -1]);
    socket.send(Uint8Array.of(1), RELAY, 5000);
    socket.send(Uint8Array.of(2), RELAY, 5001);
    await world.run(1000);
    expect(heard).toEqual([
      [5000, 1],
      [5001, 2],
    ]);
    relay.close();
  });

  it('adds its delay to that of the way, and loses by its model', async () => {
    const { world, relay, socket } = await stage({ there: { delayMs: 300, loss: dropEvery(2) } });
    const heard: number[] = [];
    socket.onDatagram = (bytes) => heard.push(bytes[0] ?? -1);
    for (const n of [1, 2, 3]) socket.send(Uint8Array.of(n), RELAY, 5000);
    await world.run(299);
    expect(heard).toEqual([]);
    await world.run(100);
    expect(heard).toEqual([1, 3]);
    expect(relay.counts('there')).toMatchObject({ received: 3, lost: 1, passed: 2, maxDelayMs: 300 });
    expect(relay.counts('back')).toMatchObject({ received: 2, passed: 2 });
    relay.close();
  });

  it('gives back the ports that it had where another is taken', async () => {
    const { world, relay, middle } = await stage();
    relay.close();
    const taken = await world.hold(bind(middle, 5001));
    const options = {
      ...{ random: world.random.fork('again'), there: {}, back: {}, to: { address: TARGET, port: 7000 } },
      listen: { address: RELAY, port: 5000, count: 2 },
    };
    await expect(world.hold(UdpRelay.open(middle, options))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    taken.close();
    const again = await world.hold(UdpRelay.open(middle, options));
    expect(again.listening.map(({ port }) => port)).toEqual([5000, 5001]);
    again.close();
  });
});

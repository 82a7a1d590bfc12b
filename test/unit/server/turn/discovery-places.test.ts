import { describe, expect, test } from 'vitest';
import { type Endpoint, formatEndpoint, UsageError } from '../../../../core/index.ts';
import { checkConfiguration } from '../../../../server/config/index.ts';
import { turnPlaces } from '../../../../server/turn/turn-places.ts';
import { World } from '../../../support/world.ts';

const ONE = '198.51.100.1';
const TWO = '198.51.100.2';
const PAIR = { addresses: [ONE, TWO], ports: [3478, 3479] };
const everywhere = (port: number) => [
  { address: '0.0.0.0', port },
  { address: '::', port },
];

interface Machine {
  readonly addresses: readonly string[];
  /** Of turn in the configuration. */
  readonly turn?: object;
  readonly sip?: readonly Endpoint[];
  readonly advertised?: readonly string[];
  /** What another program has. */
  readonly taken?: Endpoint;
}

async function placesOf({ addresses, turn = {}, taken, advertised = [], ...machine }: Machine) {
  const world = new World({ seed: 1 });
  const host = world.host('server', { addresses });
  if (taken) await world.complete(host.network.bindUdp(taken));
  const { turn: settings } = checkConfiguration({ turn }, (path) => path.join('.'));
  if (settings === 'off') throw new Error('it is on');
  const { network, log } = host;
  const sip = machine.sip ?? everywhere(5060);
  const options = { network, log, settings, sip, advertised };
  const { listen, alternates } = await world.complete(turnPlaces(options));
  return { udp: listen.udp.map(formatEndpoint), alternates };
}

describe('by itself', () => {
  test('one address: a second port beside the first', async () => {
    const { udp, alternates } = await placesOf({ addresses: [ONE] });
    expect(udp).toEqual(['0.0.0.0:3478', '[::]:3478', '0.0.0.0:3479', '[::]:3479']);
    expect(alternates).toEqual([]);
  });

  test('two public addresses: each is listened on, and they answer for each other', async () => {
    const { udp, alternates } = await placesOf({ addresses: ['10.0.0.5', ONE, TWO, '2001:db8::1'] });
    const own = ['10.0.0.5', '127.0.0.1', ONE, TWO];
    expect(udp.toSorted()).toEqual(
      [3478, 3479].flatMap((port) => [...own.map((one) => `${one}:${port}`), `[::]:${port}`]).toSorted(),
    );
    expect(alternates).toEqual([PAIR]);
  });

  test.each([
    { name: 'private addresses', addresses: ['10.0.0.5', '192.168.1.5'] },
    { name: 'a public and a private one', addresses: [ONE, '192.168.1.5'] },
    { name: 'several of IPv6, which come and go', addresses: [ONE, '2001:db8::1', '2001:db8::2'] },
    { name: 'a NAT in front', addresses: [ONE, TWO], advertised: ['203.0.113.1'] },
    {
      name: 'a port that is taken on one of two',
      addresses: [ONE, TWO],
      taken: { address: TWO, port: 3479 },
    },
    { name: 'turn.udp everywhere', addresses: [ONE, TWO], turn: { udp: '0.0.0.0:3478' } },
    { name: 'different ports', addresses: [ONE, TWO], turn: { udp: [`${ONE}:3478`, `${TWO}:4478`] } },
  ])('$name: nothing is told of another address', async (machine) => {
    expect((await placesOf(machine)).alternates).toEqual([]);
  });

  test('two addresses that are configured, of either family', async () => {
    const six = ['2001:db8::1', '2001:db8::2'];
    const addresses = [ONE, TWO, ...six];
    const sip = addresses.map((address) => ({ address, port: 5060 }));
    expect((await placesOf({ addresses, sip })).alternates).toEqual([PAIR, { ...PAIR, addresses: six }]);
    const turn = { udp: [`${ONE}:3478`, `${TWO}:3478`] };
    expect((await placesOf({ addresses, turn })).alternates).toEqual([PAIR]);
  });

  test.each([
    { name: 'another program has it', taken: { address: ONE, port: 3479 } },
    {
      name: 'SIP will have it',
      sip: [
        { address: ONE, port: 5060 },
        { address: ONE, port: 3479 },
      ],
    },
  ])('there is no second port where $name', async (machine) => {
    const turn = { udp: `${ONE}:3478` };
    expect((await placesOf({ addresses: [ONE], turn, ...machine })).udp).toEqual([`${ONE}:3478`]);
  });

  test('any port has none beside it', async () => {
    expect((await placesOf({ addresses: [ONE], turn: { udp: `${ONE}:0` } })).udp).toEqual([`${ONE}:0`]);
  });
});

describe('as configured', () => {
  test.each([
    { name: 'address and port', otherAddress: `${TWO}:4000`, ports: [3478, 4000] },
    { name: 'an address', otherAddress: TWO, ports: [3478, 3479] },
  ])('$name, beside every address', async ({ otherAddress, ports }) => {
    const { udp, alternates } = await placesOf({ addresses: [TWO, ONE], turn: { otherAddress } });
    expect(alternates).toEqual([{ addresses: [ONE, TWO], ports }]);
    expect(udp).toContain('127.0.0.1:3478');
    expect(udp).not.toContain('0.0.0.0:3478');
  });

  test('an address beside the one that is listened on', async () => {
    const turn = { udp: `${ONE}:3478`, otherAddress: `${TWO}:3479` };
    const { udp, alternates } = await placesOf({ addresses: [ONE, TWO], turn });
    expect(udp).toEqual([`${ONE}:3478`, `${TWO}:3478`, `${ONE}:3479`, `${TWO}:3479`]);
    expect(alternates).toEqual([PAIR]);
  });

  test('a port alone', async () => {
    const { udp, alternates } = await placesOf({ addresses: [ONE, TWO], turn: { otherAddress: 4000 } });
    expect(udp).toEqual(['0.0.0.0:3478', '[::]:3478', '0.0.0.0:4000', '[::]:4000']);
    expect(alternates).toEqual([]);
  });

  test('off', async () => {
    const { udp, alternates } = await placesOf({ addresses: [ONE, TWO], turn: { otherAddress: 'off' } });
    expect(udp).toEqual(['0.0.0.0:3478', '[::]:3478']);
    expect(alternates).toEqual([]);
  });

  const addresses = [ONE, TWO];
  test.each([
    { name: 'STUN is off', turn: { udp: 'off', otherAddress: 4000 }, reason: /does not listen on UDP/ },
    {
      name: 'the port is the first one',
      turn: { otherAddress: `${TWO}:3478` },
      reason: /has that port already/,
    },
    {
      name: 'a NAT is in front',
      turn: { otherAddress: TWO },
      advertised: ['203.0.113.1'],
      reason: /at 203\.0\.113\.1, through a NAT; give a port alone/,
    },
    {
      name: 'it is the only address',
      turn: { udp: `${TWO}:3478`, otherAddress: TWO },
      reason: /turn\.udp has no address beside it/,
    },
    {
      name: 'the address is elsewhere',
      turn: { otherAddress: '198.51.100.9:3479' },
      reason: /turn\.otherAddress is "198\.51\.100\.9:3479", and 198\.51\.100\.9:3478 is not on this machine/,
    },
    {
      name: 'the port is taken',
      turn: { otherAddress: `${TWO}:4000` },
      taken: { address: TWO, port: 4000 },
      reason: /198\.51\.100\.2:4000 is taken; choose another port/,
    },
    { name: 'it is that of SIP', turn: { otherAddress: 5060 }, reason: /5060 is taken/ },
    {
      name: 'it is nonsense',
      turn: { otherAddress: 'there' },
      reason: /"auto", "off", a port, or a numeric/,
    },
    { name: 'the port is none', turn: { otherAddress: 0 }, reason: /"auto", "off", a port/ },
  ])('is refused where $name', async ({ name: _, reason, ...machine }) => {
    const asked = placesOf({ addresses, ...machine });
    await expect(asked).rejects.toThrow(UsageError);
    await expect(asked).rejects.toThrow(reason);
  });
});

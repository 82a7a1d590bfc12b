import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Runtime, UsageError } from '../../../../core/index.ts';
import { startTurnServer } from '../../../../nat/index.ts';
import { checkConfiguration } from '../../../../server/config/index.ts';
import { MemoryStore } from '../../../../server/index.ts';
import { openTurn } from '../../../../server/turn/index.ts';
import { collectingLog, type LogLine } from '../../../support/collecting-log.ts';
import { World } from '../../../support/world.ts';

const ADDRESS = '192.0.2.1';
const SIP = [{ address: ADDRESS, port: 5060 }];

function configurationOf(turn: object) {
  return checkConfiguration({ turn }, (path) => path.join('.'));
}

/** A machine on which another program has 3478 of UDP. */
async function crowded() {
  const world = new World({ seed: 1 });
  const host = world.host('server', { addresses: [ADDRESS] });
  const taken = await world.complete(host.network.bindUdp({ address: ADDRESS, port: 3478 }));
  const lines: LogLine[] = [];
  const { clock, random, network } = host;
  const setTimer: Runtime['setTimer'] = (at, callback) => host.setTimer(at, callback);
  const runtime: Runtime = { clock, random, network, setTimer, log: collectingLog(clock, lines) };
  const open = (turn: object) =>
    world.complete(
      openTurn({
        runtime,
        configuration: configurationOf(turn),
        store: new MemoryStore(),
        advertised: { ofRelays: [] },
        sip: SIP,
        start: (options) => startTurnServer(runtime, options),
      }),
    );
  return { open, lines, taken };
}

describe('openTurn()', () => {
  test('goes without a default port that is taken, and says what to do', async () => {
    const { open, lines } = await crowded();
    const turn = await open({});
    expect(turn.listening).toEqual({ udp: [], tcp: [{ address: ADDRESS, port: 3478 }], tls: [] });
    expect(turn.headersFor('alice', ADDRESS)).toHaveLength(1);
    expect(JSON.stringify(lines)).toContain('--turn-udp');
    await turn.close();
  });

  test('refuses to start where a configured port is taken', async () => {
    const { open } = await crowded();
    await expect(open({ udp: `${ADDRESS}:3478` })).rejects.toThrow(UsageError);
  });

  test('names a certificate that cannot be read', async () => {
    const { open } = await crowded();
    const failing = open({ udp: 'off', certificate: '/nowhere.crt', key: '/nowhere.key' });
    await expect(failing).rejects.toThrow(/turn.certificate is "\/nowhere.crt".*; name a PEM file/);
  });

  test('names a certificate that is none', async () => {
    const { open } = await crowded();
    const failing = open({ udp: 'off', certificate: 'package.json', key: 'tsconfig.json' });
    await expect(failing).rejects.toThrow(
      /turn.certificate "package.json" and turn.key "tsconfig.json" are no certificate/,
    );
  });

  test('tells a phone of sockets of its own family alone', async () => {
    const { open } = await crowded();
    const turn = await open({ udp: `${ADDRESS}:5000`, tcp: 'off' });
    expect(turn.headersFor('alice', '2001:db8::1')).toEqual([]);
    expect(turn.headersFor('alice', 'pbx.example')).toHaveLength(1);
    await turn.close();
  });
});

test('credentials are made with the configured secret, so that other programs can make them', async () => {
  const { open } = await crowded();
  const secret = 'known to a web server';
  const turn = await open({ secret });
  const [header] = turn.headersFor('alice', ADDRESS);
  const [, username = ''] = /username="([^"]+)"/.exec(header?.[1] ?? '') ?? [];
  const password = createHmac('sha1', secret).update(username).digest('base64');
  expect(username).toMatch(/^\d+:alice$/);
  expect(header?.[1]).toContain(`password="${password}"`);
  await turn.close();
});

describe('turn in the configuration', () => {
  test.each([
    { name: 'a key without its certificate', turn: { key: 'a' }, reason: /certificate and its key/ },
    { name: 'TLS without a certificate', turn: { tls: '0.0.0.0:5349' }, reason: /certificate/ },
    {
      name: 'a short secret, unseen',
      turn: { secret: 'abc' },
      reason: /^(?!.*abc).*turn\.secret.*at least 16/,
    },
    { name: 'a prefix that is none', turn: { allowPeers: ['10.0.0.0/33'] }, reason: /10.0.0.0\/8/ },
  ])('refuses $name', ({ turn, reason }) => {
    expect(() => configurationOf(turn)).toThrow(reason);
  });
});

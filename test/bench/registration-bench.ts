// Registrations (challenge and answer) in a CPU second, beside Kamailio with one worker and bindings in memory.
import { startKamailio } from '../support/peers/kamailio.ts';
import { findPeer, installHint } from '../support/peers/require-peer.ts';
import { compare } from './compare.ts';
import { onServerCore } from './cores.ts';
import { checkHeadroom, LoadMeter, type Usage } from './load-meter.ts';
import { loadWithRegistrations, type RegisterLoadResult } from './register-load.ts';
import { complain, formatPercent } from './report.ts';
import { startServerUnderTest } from './server-under-test.ts';

/** A registrar that is measured: ours, or a peer. */
interface Registrar {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

interface RegistrationFigures {
  readonly perCpuSecond: number;
  readonly result: RegisterLoadResult;
  readonly usage: Usage;
}

const USERS = Array.from({ length: 500 }, (_, i) => `user${i}`);
const PASSWORD = 'correct-horse';
const WINDOW = 50;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
const TARGET_RATIO = 0.3;

export async function benchRegistrations(): Promise<boolean> {
  const hasPeer = findPeer('kamailio') !== undefined;
  if (!hasPeer) process.stdout.write(`\n${installHint('kamailio')}\n`);
  const startPeer = () => startKamailio({ realm: 'bench', password: PASSWORD, ...onServerCore });
  const startOurs = () => startServerUnderTest({ users: USERS, password: PASSWORD });
  return await compare(
    { name: 'patchcord', measure: () => measure(startOurs()) },
    hasPeer ? { name: 'kamailio', measure: () => measure(startPeer()) } : undefined,
    {
      title: 'Registrations with digest over UDP, two requests each',
      figure: (figures) => figures.perCpuSecond,
      unit: 'registrations/CPU s',
      target: TARGET_RATIO,
      describe: ({ usage, result }) =>
        `${Math.round(result.registrations / usage.elapsedSeconds)} a second; core busy ` +
        `${formatPercent(usage.serverBusy)}, load core ${formatPercent(usage.loadBusy)}`,
    },
  );
}

async function measure(starting: Promise<Registrar>): Promise<RegistrationFigures> {
  const registrar = await starting;
  try {
    const options = { port: registrar.port, users: USERS, password: PASSWORD, window: WINDOW };
    await loadWithRegistrations({ ...options, durationMs: WARM_UP_MS });
    const meter = new LoadMeter(registrar.pid);
    const result = await loadWithRegistrations({ ...options, durationMs: MEASURE_MS });
    const usage = meter.stop();
    checkHeadroom(usage);
    if (result.registrations === 0) throw new Error('no registration succeeded');
    if (result.refused > 0) complain(`${result.refused} registrations were refused`);
    if (result.retransmissions > 0) complain(`${result.retransmissions} requests had to be sent again`);
    return { perCpuSecond: result.registrations / usage.serverSeconds, result, usage };
  } finally {
    await registrar.stop();
  }
}

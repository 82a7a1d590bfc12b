// Secured calls and files between phones behind NATs, through a relay where there is no direct way: the caller only calls.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Home } from './home.ts';
import { NatLab } from './lab.ts';
import { missingLab } from './missing-lab.ts';
import { NatCall } from './nat-call.ts';
import { NAT_KINDS, shortNameOf } from './nat-rules.ts';

const CALL_SECONDS = 4;
const LEAST_HEARD_SECONDS = 1.5;
const FILE_BYTES = 3_000_000;

/** Two from which each other is reached directly, and two from which it is not. */
const [, , PORT_FILTERED = never(), PORT_MAPPED = never()] = NAT_KINDS;
const CASES = [
  { kind: PORT_FILTERED, way: 'direct' },
  { kind: PORT_MAPPED, way: 'relayed' },
] as const;

describe.skipIf(missingLab())('secured end to end', () => {
  const lines: string[] = [];
  let lab: NatLab;

  beforeAll(async () => {
    const homes = CASES.flatMap(({ kind }) => [
      { side: 'caller' as const, kind },
      { side: 'callee' as const, kind },
    ]);
    lab = await NatLab.open({ homes });
    await lab.startServer();
  });

  afterAll(async () => {
    process.stderr.write(`\n${lines.join('\n')}\n\n`);
    await lab?.close();
  });

  describe.each(CASES)('between two NATs of $kind', ({ kind, way }) => {
    const homes = () => ({ caller: lab.home('caller', kind), callee: lab.home('callee', kind) });

    it(`a call is heard both ways, ${way}`, async () => {
      const callerArgs = ['--secure', 'required'];
      const call = await NatCall.start(lab, { ...homes(), durationSeconds: CALL_SECONDS, callerArgs });
      const { caller, callee } = await call.finished();
      const { path } = caller.report;
      const found = `${path?.kind}, found ${Math.round(path?.setupMs ?? 0)} ms after the answer`;
      lines.push(`secured call, ${shortNameOf(kind)} to the same: ${found}`);
      for (const { status, heardSeconds, report } of [caller, callee]) {
        expect([status, report.path?.kind, report.secured?.protocol]).toEqual([0, way, 'DTLS-SRTP']);
        expect(heardSeconds).toBeGreaterThan(LEAST_HEARD_SECONDS);
      }
    });

    it(`a file arrives whole, ${way}`, async () => {
      const { line, received } = await sendThrough(lab, homes());
      lines.push(
        `file of ${FILE_BYTES / 1e6} MB, the same: ${Math.round(line.durationMs)} ms, ${line.tries} call(s)`,
      );
      expect(line).toMatchObject({ ok: true, tries: 1 });
      expect(received).toBe(line.sha256);
    });
  });
});

/** What `send --json` says. */
interface SendLine {
  readonly ok: boolean;
  readonly sha256: string;
  readonly tries: number;
  readonly durationMs: number;
}

async function sendThrough(lab: NatLab, { caller, callee }: Record<'caller' | 'callee', Home>) {
  const { name } = callee.options;
  const [file, inbox] = [lab.path(`${name}.bin`), lab.path(`${name}-inbox`)];
  writeFileSync(file, randomBytes(FILE_BYTES));
  mkdirSync(inbox);
  const answering = lab.phone('answer', callee, ['--once', '--accept-files', inbox, '--play', 'silence']);
  await answering.process.waitForLog(/registered as/);
  const sending = lab.phone('send', caller, [file, name]);
  await sending.process.waitForExit(40_000);
  // Cast: --json prints this line and nothing else.
  const line = JSON.parse(sending.process.stdout) as SendLine;
  await answering.process.waitForExit(20_000);
  const content = readFileSync(`${inbox}/${name}.bin`);
  return { line, received: createHash('sha256').update(content).digest('hex') };
}

function never(): never {
  throw new Error('there are four kinds of NAT');
}

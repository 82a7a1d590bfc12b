// The messages of RFC 4475 against the whole server, over real UDP and TCP.
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PatchcordServer, startPatchcordServer } from '../../support/peers/patchcord.ts';
import { waitForSip } from '../../support/peers/wait-for-sip.ts';
import { TORTURE_MESSAGES } from '../../vectors/rfc4475.ts';

const FOLDER = join(process.env.PATCHCORD_DATA ?? resolve('../shared/data'), 'rfc4475');
const IS_ABSENT = !existsSync(FOLDER);
// Nothing comes any more when nothing has come for so long.
const QUIET_MS = 400;

let server: PatchcordServer;
const usedTransactions = new Set<string>();

async function start(): Promise<void> {
  server = await startPatchcordServer({ users: { alice: 'alice-secret' } });
}

/** Some messages share branch and sender: to one server the second would be a retransmission of the first. */
async function startAnewFor(bytes: Buffer): Promise<void> {
  const key = /branch=[^;,\s]*|^Via[^\r]*/im.exec(bytes.toString('latin1'))?.[0] ?? '';
  const host = /^Via:[^\r]*? ([^;\s]+)/im.exec(bytes.toString('latin1'))?.[1] ?? '';
  if (usedTransactions.has(key + host)) {
    await server.stop();
    usedTransactions.clear();
    await start();
  }
  usedTransactions.add(key + host);
}

beforeAll(async () => {
  if (!IS_ABSENT) await start();
});

afterAll(async () => {
  await server?.stop();
});

// Without the data folder there is nothing to send: set PATCHCORD_DATA.
describe.skipIf(IS_ABSENT)('RFC 4475 at the server', () => {
  it.for(TORTURE_MESSAGES)('$file over UDP (RFC 4475 §$section)', async (row) => {
    const bytes = readFileSync(join(FOLDER, `${row.file}.dat`));
    await startAnewFor(bytes);
    const statuses = finalStatuses(responsesTo(bytes, await overUdp(bytes)));
    expectStatuses(statuses, row.expectStatus);
    await waitForSip(server.endpoint, () => server.process.exit !== undefined);
  });

  it.for(TORTURE_MESSAGES)('$file over TCP (RFC 4475 §$section)', async (row) => {
    const bytes = readFileSync(join(FOLDER, `${row.file}.dat`));
    await startAnewFor(bytes);
    const statuses = finalStatuses(responsesIn(await overTcp(bytes)));
    const waits = row.overTcp?.includes('waited for') === true;
    const refuses = row.overTcp?.startsWith('400') === true;
    if (row.file === 'dblreq') expect(statuses).toHaveLength(2);
    else expectStatuses(statuses, waits ? 'dropped' : refuses ? [400] : row.expectStatus);
    await waitForSip(server.endpoint, () => server.process.exit !== undefined);
  });
});

function expectStatuses(statuses: readonly number[], expected: readonly number[] | 'dropped'): void {
  if (expected === 'dropped') return expect(statuses).toEqual([]);
  expect(new Set(statuses).size, `one final response, not ${statuses.join(', ') || 'none'}`).toBe(1);
  expect(expected).toContain(statuses[0]);
}

function responsesIn(received: string): string[] {
  return received.split(/(?=^SIP\/2\.0 \d{3} )/m).filter((text) => text.startsWith('SIP/2.0 '));
}

/** Over UDP late responses to an earlier message come as well: they have another Call-ID. */
function responsesTo(sent: Buffer, received: string): string[] {
  const callId = callIdIn(sent.toString('latin1'));
  return responsesIn(received).filter((text) => callIdIn(text) === callId);
}

function finalStatuses(responses: readonly string[]): number[] {
  return responses.map((text) => Number(text.slice(8, 11))).filter((status) => status >= 200);
}

function callIdIn(text: string): string {
  return /^(?:call-id|i)[ \t]*:\s*(\S+)/im.exec(text)?.[1] ?? '';
}

async function overUdp(bytes: Buffer): Promise<string> {
  // RFC 3261 §18.2.2: without rport the response goes to the port of Via, so this must be ours.
  const port = Number(/^Via\s*:[^\r]*?[^:;\s]+:(\d+)/im.exec(bytes.toString('latin1'))?.[1] ?? 5060);
  const socket = createSocket('udp4');
  await new Promise<void>((done, fail) => {
    socket.once('error', fail);
    socket.bind(port, '127.0.0.1', done);
  });
  let received = '';
  let lastAt = performance.now();
  socket.on('message', (message) => {
    received += message.toString('latin1');
    lastAt = performance.now();
  });
  socket.send(bytes, server.port, '127.0.0.1');
  await untilQuiet(() => lastAt);
  await new Promise<void>((done) => socket.close(() => done()));
  return received;
}

async function overTcp(bytes: Buffer): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  let received = '';
  let lastAt = performance.now();
  socket.on('error', () => undefined);
  socket.on('data', (data: Buffer) => {
    received += data.toString('latin1');
    lastAt = performance.now();
  });
  socket.write(bytes);
  await untilQuiet(() => lastAt);
  socket.destroy();
  return received;
}

async function untilQuiet(lastAt: () => number): Promise<void> {
  while (performance.now() - lastAt() < QUIET_MS) await new Promise((done) => setTimeout(done, 50));
}

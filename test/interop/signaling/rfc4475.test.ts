// The torture messages of RFC 4475 over real sockets, each from an address of its own.
import dgram from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../../../core/index.ts';
import { openSipEndpoint } from '../../../signaling/endpoint/index.ts';
import { SipUserAgent } from '../../../signaling/user-agent/index.ts';
import { TORTURE_MESSAGES, type TortureMessage } from '../../vectors/rfc4475.ts';

const FOLDER = `${process.env.PATCHCORD_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname}/rfc4475`;
const SERVER = '127.0.0.1';

/** Nothing more is expected so long after the last datagram or segment. */
const SILENCE_MS = 150;

const bytesOf = ({ file }: TortureMessage) => readFileSync(`${FOLDER}/${file}.dat`);

/** RFC 3261 §18.2.2: without rport the answer goes to the port of the topmost Via. */
function viaPortOf(bytes: Buffer): number {
  const [, port] =
    /^(?:via|v)\s*:\s*SIP\s*\/\s*[\d.]+\s*\/\s*\w+\s+[^\s;:]+(?::(\d+))?/im.exec(bytes.toString('latin1')) ??
    [];
  return Number(port ?? 5060);
}

/** Final statuses in what came back; 100 and other provisional responses do not count. */
function finalStatuses(text: string): number[] {
  const statuses = [...text.matchAll(/^SIP\/2\.0 (\d{3}) /gm)].map(([, status]) => Number(status));
  return [...new Set(statuses.filter((status) => status >= 200))];
}

async function overUdp(bytes: Buffer, from: string, to: number): Promise<number[]> {
  const socket = dgram.createSocket('udp4');
  let text = '';
  socket.on('message', (answer) => {
    text += `${answer.toString('latin1')}\r\n`;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: from, port: viaPortOf(bytes), exclusive: true }, resolve);
  });
  socket.send(bytes, to, SERVER);
  await delay(SILENCE_MS);
  socket.close();
  return finalStatuses(text);
}

async function overTcp(bytes: Buffer, from: string, to: number): Promise<number[]> {
  const socket = net.connect({ host: SERVER, port: to, localAddress: from });
  let text = '';
  socket.on('data', (answer) => {
    text += answer.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await delay(SILENCE_MS);
  socket.destroy();
  return finalStatuses(text);
}

/** A user agent of its own for each message: several have one branch, and would be taken for retransmissions. */
async function withUserAgent(play: (port: number) => Promise<void>): Promise<void> {
  const runtime = createNodeRuntime();
  const endpoint = await openSipEndpoint(runtime, {
    listen: [
      { protocol: 'udp', address: '0.0.0.0', port: 0 },
      { protocol: 'tcp', address: '0.0.0.0', port: 0 },
    ],
    product: 'patchcord',
  });
  new SipUserAgent(runtime, endpoint);
  try {
    const port = endpoint.listening[0]?.local.port ?? 0;
    await play(port);
    // Whatever came before: a good request is answered as ever.
    expect(await overUdp(GOOD_REQUEST, '127.4.75.99', port)).toEqual([200]);
  } finally {
    endpoint.close();
  }
}

const GOOD_REQUEST = Buffer.from(
  'OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.4.75.99;branch=z9hG4bKlast;rport\r\n' +
    'Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: last\r\nCSeq: 1 OPTIONS\r\n' +
    'Content-Length: 0\r\n\r\n',
);

// What the registrar and its passwords decide is the server's business, and tested there.
const isOurs = ({ file }: TortureMessage) => !['regaut01', 'unksm2'].includes(file);

/** A user agent without dialogs refuses what claims to be in one; a server challenges it first. */
const allowedFor = ({ file, expectStatus }: TortureMessage) => [
  ...(expectStatus === 'dropped' ? [] : expectStatus),
  ...(file === 'wsinv' ? [481] : []),
];

describe.skipIf(!existsSync(FOLDER))('RFC 4475 at a user agent, over real sockets', () => {
  const rows = TORTURE_MESSAGES.map((message, index) => ({ ...message, index }));

  it.each(rows)('§$section $file over UDP: $onTheWire', (row) =>
    withUserAgent(async (port) => {
      const statuses = await overUdp(bytesOf(row), `127.4.75.${row.index + 1}`, port);
      if (row.expectStatus === 'dropped') return expect(statuses).toEqual([]);
      expect(statuses).toHaveLength(1);
      if (isOurs(row)) expect(allowedFor(row)).toContain(statuses[0]);
    }),
  );

  it.each(rows)('§$section $file over TCP: $onTheWire', (row) =>
    withUserAgent(async (port) => {
      const statuses = await overTcp(bytesOf(row), `127.4.75.${row.index + 1}`, port);
      if (row.overTcp?.startsWith('400')) return expect(statuses).toEqual([400]);
      if (row.overTcp?.includes('waited for')) return expect(statuses).toEqual([]);
      if (row.expectStatus === 'dropped') return expect(statuses).toEqual([]);
      // dblreq is two messages on a stream.
      if (row.overTcp === undefined) expect(statuses).toHaveLength(1);
      if (isOurs(row)) expect(allowedFor(row)).toContain(statuses[0]);
    }),
  );
});

// Readiness of a SIP server over UDP, whoever made it: any answer to OPTIONS.
import { createSocket } from 'node:dgram';
import { type Endpoint, formatEndpoint } from '../../../core/index.ts';

const TRY_MS = 100;
const LIMIT_MS = 15_000;

/**
 * @param server - on the loopback interface
 * @param hasEnded - whether there is nobody left to wait for
 */
export async function waitForSip(server: Endpoint, hasEnded: () => boolean): Promise<void> {
  const { address, port } = server;
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  let isAnswered = false;
  socket.on('message', () => {
    isAnswered = true;
  });
  const local = formatEndpoint({ address, port: socket.address().port });
  try {
    for (let tries = 0; tries < LIMIT_MS / TRY_MS && !isAnswered; tries += 1) {
      if (hasEnded()) throw new Error('the server ended');
      socket.send(optionsRequest({ local, remote: formatEndpoint(server), tries }), port, address);
      await new Promise((resolve) => setTimeout(resolve, TRY_MS));
    }
    if (!isAnswered) throw new Error(`no answer to OPTIONS within ${LIMIT_MS} ms`);
  } finally {
    socket.close();
  }
}

function optionsRequest({
  local,
  remote,
  tries,
}: Record<'local' | 'remote', string> & { tries: number }): string {
  const lines = [
    `OPTIONS sip:${remote} SIP/2.0`,
    `Via: SIP/2.0/UDP ${local};branch=z9hG4bKready${tries};rport`,
    'Max-Forwards: 70',
    `From: <sip:probe@${local}>;tag=ready`,
    `To: <sip:${remote}>`,
    `Call-ID: ready-${tries}@${local}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

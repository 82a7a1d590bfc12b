// Readiness of a SIP server over UDP, whoever made it: any answer to OPTIONS.
import { createSocket } from 'node:dgram';

const TRY_MS = 100;
const LIMIT_MS = 15_000;

/** @param hasEnded - whether there is nobody left to wait for */
export async function waitForSip(port: number, hasEnded: () => boolean): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  let isAnswered = false;
  socket.on('message', () => {
    isAnswered = true;
  });
  const local = `127.0.0.1:${socket.address().port}`;
  try {
    for (let tries = 0; tries < LIMIT_MS / TRY_MS && !isAnswered; tries += 1) {
      if (hasEnded()) throw new Error('the server ended');
      socket.send(optionsRequest({ local, port, tries }), port, '127.0.0.1');
      await new Promise((resolve) => setTimeout(resolve, TRY_MS));
    }
    if (!isAnswered) throw new Error(`no answer to OPTIONS within ${LIMIT_MS} ms`);
  } finally {
    socket.close();
  }
}

function optionsRequest({ local, port, tries }: { local: string; port: number; tries: number }): string {
  const lines = [
    `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${local};branch=z9hG4bKready${tries};rport`,
    'Max-Forwards: 70',
    `From: <sip:probe@${local}>;tag=ready`,
    `To: <sip:127.0.0.1:${port}>`,
    `Call-ID: ready-${tries}@${local}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

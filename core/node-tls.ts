// TLS of this machine, over node:tls.
import tls from 'node:tls';
import { addressFamily } from './address.ts';
import { OperationError } from './errors.ts';
import type { TlsConnectOptions } from './network.ts';

/** Whoever takes longer with his side of the handshake is let go. */
export const TLS_HANDSHAKE_LIMIT_MS = 10_000;

/** @throws an error with `code` where nobody is there, or the certificate is not one for that name */
export function connectTlsSocket(options: TlsConnectOptions): Promise<tls.TLSSocket> {
  const { address, port, serverName, authorities = [] } = options;
  const socket = tls.connect({
    host: address,
    port,
    minVersion: 'TLSv1.2',
    ca: [...tls.rootCertificates, ...authorities],
    // RFC 6066 §3: an address is no name for the server to choose a certificate by.
    ...(addressFamily(serverName) ? {} : { servername: serverName }),
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(serverName, certificate),
  });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      socket.destroy(
        new OperationError('TLS_HANDSHAKE_TIMEOUT', `"${serverName}" did not finish its handshake`),
      );
    }, TLS_HANDSHAKE_LIMIT_MS);
    const fail = (error: Error) => {
      clearTimeout(limit);
      reject(error);
    };
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      clearTimeout(limit);
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}

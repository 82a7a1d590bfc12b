// A certificate that signed itself, for servers under test; made by openssl.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressFamily } from '../../../core/index.ts';
import { peerPath } from './require-peer.ts';
import { makeTempFolder } from './temp-folder.ts';

export interface TestCertificate {
  readonly pem: string;
  readonly keyPem: string;
  readonly files: { readonly certificateFile: string; readonly keyFile: string };
  /** Removes the files. */
  remove(): void;
}

/** @param host - name or numeric address that it is for */
export function makeCertificate(host: string): TestCertificate {
  const folder = makeTempFolder('certificate');
  const certificateFile = join(folder.path, 'certificate.pem');
  const keyFile = join(folder.path, 'key.pem');
  const subject = `${addressFamily(host) ? 'IP' : 'DNS'}:${host}`;
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const names = ['-subj', '/CN=patchcord test', '-addext', `subjectAltName=${subject}`];
  execFileSync(
    peerPath('openssl'),
    ['req', '-x509', '-days', '2', ...key, ...names, '-out', certificateFile],
    { stdio: 'ignore' },
  );
  const [pem, keyPem] = [readFileSync(certificateFile, 'utf8'), readFileSync(keyFile, 'utf8')];
  return { pem, keyPem, files: { certificateFile, keyFile }, remove: folder.remove };
}

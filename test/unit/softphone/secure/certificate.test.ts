import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { makeCertificate } from '../../../../softphone/secure/certificate.ts';

const NOW = Date.UTC(2026, 10, 27, 12);

describe('makeCertificate()', () => {
  it('makes one that is signed by its own key, which it comes with, and is valid now', () => {
    const clock = { wallClock: () => NOW };
    const { certificatePem, keyPem } = makeCertificate({ clock, random: new SeededRandom(1) });
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(NOW);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(NOW);
  });

  it('makes another each time', () => {
    const runtime = { clock: { wallClock: () => NOW }, random: new SeededRandom(1) };
    const [one, two] = [makeCertificate(runtime), makeCertificate(runtime)];
    expect(one.certificatePem).not.toBe(two.certificatePem);
  });
});

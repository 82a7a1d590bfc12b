// Digest authentication, both sides.
export { DIGEST_ALGORITHMS, type DigestAlgorithm, type Ha1s, ha1sOf } from './algorithm.ts';
export { DigestClient, type DigestClientOptions } from './client.ts';
export {
  DEFAULT_DIGEST_ALGORITHMS,
  DEFAULT_MAX_NONCES,
  DEFAULT_NONCE_LIFETIME_MS,
  type DigestVerdict,
  DigestVerifier,
  type DigestVerifierOptions,
  type OfferedAlgorithm,
} from './verifier.ts';

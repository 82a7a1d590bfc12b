// Paths as their users have them: sockets, candidates and checks behind one face.
export { MAX_ADDRESSES_PER_FAMILY, usefulAddresses } from './host-addresses.ts';
export { openIcePath, RELEASE_AFTER_MS } from './ice-path.ts';
export * from './types.ts';

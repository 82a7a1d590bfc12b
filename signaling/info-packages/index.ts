// INFO with a package (RFC 6086).
export {
  infoPackageOf,
  RECV_TRICKLE_ICE,
  refusePackage,
  TRICKLE_ICE,
  TRICKLE_ICE_TYPE,
} from './info-package.ts';

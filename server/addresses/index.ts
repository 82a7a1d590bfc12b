// Under which addresses this server is reached, and by whom.
export { AdvertisedAddresses } from './advertised-addresses.ts';
export { doubtAbout } from './doubts.ts';
export { type MediaAddress, MediaAddresses } from './media-addresses.ts';
export { OwnAddresses } from './own-addresses.ts';
export { reachOf } from './reach.ts';

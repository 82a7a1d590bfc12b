// What the server answers to OPTIONS, and to requests that it does not take (RFC 3261 §11.2, §21.4.6).
import { CAPABILITY_HEADERS, type HeaderField, VQ_RTCPXR_EVENT, VQ_RTCPXR_TYPE } from '../signaling/index.ts';

/** Behind what every user agent of ours can do: phones look here whether they may register and publish (RFC 3903 §4.1). */
const ADDED: Readonly<Record<string, string>> = {
  Allow: 'REGISTER, PUBLISH',
  Accept: VQ_RTCPXR_TYPE,
};

export const SERVER_CAPABILITY_HEADERS: readonly HeaderField[] = [
  ...CAPABILITY_HEADERS.map(([name, value]): HeaderField => {
    const added = ADDED[name];
    return [name, added === undefined ? value : `${value}, ${added}`];
  }),
  ['Allow-Events', VQ_RTCPXR_EVENT],
];

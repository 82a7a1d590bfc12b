// The methods of STUN and TURN, and the classes of their messages (RFC 8489 §5, RFC 8656 §17, RFC 6062 §6.1).

export const METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
  connect: 0x00a,
  connectionBind: 0x00b,
  connectionAttempt: 0x00c,
} as const;

export type StunClass = 'request' | 'indication' | 'success' | 'error';

const CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];

/**
 * Puts method and class into one field.
 *
 * ```
 *  0 0 M M M M M C M M M C M M M M
 *      1 1 9 8 7 1 6 5 4 0 3 2 1 0
 *      1 0
 * ```
 *
 * @param method - 12 bits
 */
export function messageType(method: number, messageClass: StunClass): number {
  const bits = CLASSES.indexOf(messageClass);
  const [low, middle, high] = [method & 0x00f, method & 0x070, method & 0xf80];
  return low | ((bits & 1) << 4) | (middle << 1) | ((bits & 2) << 7) | (high << 2);
}

export function methodOf(type: number): number {
  return (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2);
}

export function classOf(type: number): StunClass {
  return CLASSES[((type >> 4) & 1) | ((type >> 7) & 2)] ?? 'request';
}

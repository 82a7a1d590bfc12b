// Why a packet did not cross the virtual network.
import type { LinkLoss } from '../../../media/impairment/index.ts';

/** Why a packet did not arrive. */
export type LossReason =
  | LinkLoss
  | 'no route'
  | 'filtered by a NAT'
  | 'NAT has no port left'
  | 'no hairpinning'
  | 'no such host'
  | 'no socket';

// What the transaction layer leaves for its driver.
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import type { ClientRecord } from './client-record.ts';
import type { ServerRecord } from './server-record.ts';

/** Why a transaction ends without a final response having got through. */
export type TransactionFailure = 'timeout' | 'transport';

/** Whoever sent the request. Called by the driver as it drains. */
export interface ClientUser {
  handleResponse(response: SipResponse, flow: Flow): void;
  handleFailure(reason: TransactionFailure): void;
}

/** Whoever answers the request. Called by the driver as it drains. */
export interface ServerUser {
  handleCancel(cancel: SipRequest): void;
  handleFailure(reason: TransactionFailure): void;
}

export type TransactionOutput =
  /** `transaction` is to be told where the bytes cannot leave. */
  | {
      readonly kind: 'send';
      readonly bytes: Uint8Array;
      readonly flow: Flow;
      readonly transaction: ClientRecord | ServerRecord | undefined;
    }
  | {
      readonly kind: 'request';
      readonly request: SipRequest;
      readonly flow: Flow;
      readonly transaction: ServerRecord;
    }
  | { readonly kind: 'ack'; readonly request: SipRequest; readonly flow: Flow }
  | { readonly kind: 'cancel'; readonly request: SipRequest; readonly user: ServerUser }
  | {
      readonly kind: 'response';
      readonly response: SipResponse;
      readonly flow: Flow;
      readonly user: ClientUser;
    }
  | { readonly kind: 'stray2xx'; readonly response: SipResponse; readonly flow: Flow }
  | { readonly kind: 'failure'; readonly reason: TransactionFailure; readonly user: ClientUser | ServerUser };

/** Adds one output. */
export type Emit = (output: TransactionOutput) => void;

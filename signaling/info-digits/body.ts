// Digits in bodies of INFO: two forms that no RFC has and every gateway knows.
//
//   application/dtmf-relay       application/dtmf
//
//   Signal=5                     5
//   Duration=160
import { DecodeError } from '../../core/index.ts';
import type { SipRequest } from '../message/index.ts';

/** One digit. */
export interface InfoDigit {
  /** `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly digit: string;
  readonly durationMs: number;
}

export const DTMF_RELAY_TYPE = 'application/dtmf-relay';
const DTMF_TYPE = 'application/dtmf';

/** Where a body says nothing, and the bounds of what it may say: those of the gateways that began it. */
export const DEFAULT_DURATION_MS = 250;
const SHORTEST_MS = 40;
const LONGEST_MS = 5000;
const LONGEST_BODY_BYTES = 256;

// Some write a digit as the event code of RFC 4733 §3.2.
const EVENT_CODES = '0123456789*#ABCD';

/** @returns undefined where the request is none that carries a digit */
export function parseInfoDigit(
  request: Pick<SipRequest, 'method' | 'contentType' | 'body'>,
): InfoDigit | DecodeError | undefined {
  const { method, contentType, body } = request;
  if (method !== 'INFO' || (contentType !== DTMF_RELAY_TYPE && contentType !== DTMF_TYPE)) return undefined;
  if (body.length > LONGEST_BODY_BYTES) return bad(`has ${body.length} bytes`);
  const text = new TextDecoder().decode(body).trim();
  const signal = fieldOf(text, 'signal') ?? (contentType === DTMF_TYPE ? text : '');
  const digit = digitOf(signal);
  if (digit === undefined) return bad(`${JSON.stringify(signal)} is no digit`);
  return { digit, durationMs: durationOf(fieldOf(text, 'duration')) };
}

/** The body of {@link DTMF_RELAY_TYPE}. */
export function formatInfoDigit({ digit, durationMs }: InfoDigit): string {
  return `Signal=${digit}\r\nDuration=${Math.round(durationMs)}\r\n`;
}

function fieldOf(text: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}\\s*=\\s*(.*?)\\s*$`, 'im').exec(text)?.[1];
}

function digitOf(signal: string): string | undefined {
  if (/^[0-9*#A-D]$/i.test(signal)) return signal.toUpperCase();
  return /^1[0-5]$/.test(signal) ? EVENT_CODES[Number(signal)] : undefined;
}

function durationOf(text: string | undefined): number {
  const durationMs = text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : DEFAULT_DURATION_MS;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, durationMs));
}

function bad(reason: string): DecodeError {
  return new DecodeError('SIP_BAD_DTMF', 'INFO body', reason);
}

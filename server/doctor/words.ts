// Figures as people read them.
import { addressScope } from '../../core/index.ts';
import type { Evidence } from './types.ts';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** `192.0.2.1:4000`, `[2001:db8::1]:4000`. */
export function placeText({ address, port }: Place): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** `3.4 %`. */
export function percent(ratio: number): string {
  const value = 100 * ratio;
  return `${value >= 10 ? Math.round(value) : Number(value.toFixed(1))} %`;
}

/** `3.6 s`, `2 min`. */
export function seconds(ms: number): string {
  if (ms >= 120_000) return `${Math.round(ms / 60_000)} min`;
  return `${Number((ms / 1000).toFixed(ms < 10_000 ? 1 : 0))} s`;
}

export function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`;
}

export function packetsEvidence(name: string, value: number): Evidence {
  return { name, value, unit: 'packets' };
}

export function msEvidence(name: string, value: number): Evidence {
  return { name, value: Math.round(10 * value) / 10, unit: 'ms' };
}

export function percentEvidence(name: string, value: number): Evidence {
  return { name, value: Number((100 * value).toFixed(1)), unit: '%' };
}

export function textEvidence(name: string, value: string): Evidence {
  return { name, value, unit: null };
}

export function mosEvidence(value: number | null): readonly Evidence[] {
  return value === null ? [] : [{ name: 'MOS', value: Number(value.toFixed(2)), unit: null }];
}

/** Addresses that mean something within one network alone (RFC 1918, RFC 6598, RFC 4193 and the like). */
export function isPrivateAddress(address: string): boolean {
  const scope = addressScope(address);
  return scope === 'private' || scope === 'shared' || scope === 'link-local' || scope === 'loopback';
}

/** `18 (g729)`. */
export function formatText(format: { readonly payloadType: number; readonly encoding: string }): string {
  return `${format.payloadType} (${format.encoding})`;
}

/** RFC 3551 §6: payload types that mean one thing whoever uses them. */
const STATIC_NAMES: Readonly<Record<number, string>> = {
  0: 'pcmu',
  3: 'gsm',
  4: 'g723',
  5: 'dvi4',
  8: 'pcma',
  9: 'g722',
  13: 'cn',
  15: 'g728',
  18: 'g729',
};

/** `18 (g729)`, `96`. */
export function payloadTypeText(payloadType: number): string {
  const name = STATIC_NAMES[payloadType];
  return name === undefined ? String(payloadType) : `${payloadType} (${name})`;
}

// The shape of a SIP message: what the parser makes, what the serializer takes.

/** `;name=value` or `;name`. Names are kept in lower case; values as received, quotes included. */
export type Parameters = ReadonlyMap<string, string | undefined>;

/** A `sip:` or `sips:` URI (RFC 3261 §19.1). Text is kept as received, escapes included. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Lower case; IPv6 with its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly parameters: Parameters;
  /** What follows `?`, as received; undefined where there is none. */
  readonly headers: string | undefined;
}

/** A `tel:` URI (RFC 3966). */
export interface TelUri {
  readonly scheme: 'tel';
  readonly number: string;
  readonly parameters: Parameters;
}

/** Any other absolute URI, whose scheme we do not understand. */
export interface OtherUri {
  readonly scheme: 'other';
  readonly text: string;
}

export type Uri = SipUri | TelUri | OtherUri;

/** From, To, Contact, Route, Record-Route, Refer-To … (RFC 3261 §20.10). */
export interface NameAddr {
  /** Unquoted and unescaped. */
  readonly displayName: string | undefined;
  readonly uri: Uri;
  readonly parameters: Parameters;
}

/** One Via value (RFC 3261 §20.42). */
export interface Via {
  /** Upper case: `UDP`, `TCP`, `TLS`, `WS`, `WSS`, or what else was received. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly parameters: Parameters;
}

export interface Cseq {
  /** 0 to 2^31 - 1. */
  readonly sequenceNumber: number;
  readonly method: string;
}

/** A header field to be sent. The name in the spelling of the RFC, the value without line breaks. */
export type HeaderField = readonly [name: string, value: string];

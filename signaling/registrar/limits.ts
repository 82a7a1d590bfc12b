// What a registrar grants.

/** RFC 3261 §20.19 leaves the default to the registrar; phones refresh at about half of it. */
export const DEFAULT_EXPIRES_SECONDS = 3600;

/** Shorter ones are refused with 423 (RFC 3261 §10.3 step 7): each refresh costs a signature. */
export const MIN_EXPIRES_SECONDS = 60;

/** Longer ones are cut (RFC 3261 §10.2.1.1 lets the registrar do so). */
export const MAX_EXPIRES_SECONDS = 3600;

/** Contacts of one address-of-record: with one more, the one that would expire first goes. */
export const MAX_CONTACTS = 10;

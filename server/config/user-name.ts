// Names of users: what a person can dial, and what needs no escapes in a SIP URI.

// A name that starts with a star would be a service code.
const USER_NAME = /^[A-Za-z0-9+][A-Za-z0-9+._-]{0,63}$/;

/** What a user name may be, for messages. */
export const USER_NAME_RULE = 'letters, digits and . _ - +, at most 64 of them, as in "alice" or "2001"';

export function isUserName(text: string): boolean {
  return USER_NAME.test(text);
}

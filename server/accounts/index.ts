// Who has a phone here.
export { Accounts, type AccountsOptions } from './accounts.ts';
export { makePassword, UserAdministration, type UserToAdd } from './administration.ts';
export { applyConfiguredUsers, DEFAULT_REALM, makeFirstAccounts, settleRealm } from './first-run.ts';

// The configuration of the server.
export { DEFAULT_FILE } from './configuration-file.ts';
export { SECRETS } from './describe-issue.ts';
export { EXAMPLE_CONFIGURATION } from './example.ts';
export { type ConfigurationSources, checkConfiguration, loadConfiguration } from './load.ts';
export { nearestName } from './nearest.ts';
export { type Configuration, type ConfigurationInput, type ConfiguredUser, DEFAULT_PORT } from './schema.ts';
export { optionKeyOf, SETTINGS, type Setting, variableOf } from './settings.ts';
export { isUserName, USER_NAME_RULE } from './user-name.ts';

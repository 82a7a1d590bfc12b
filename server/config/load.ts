// Puts the configuration together: flags beat environment beats file beats defaults.
import { UsageError } from '../../core/index.ts';
import { type ConfigurationFile, readFile } from './configuration-file.ts';
import { describeIssue } from './describe-issue.ts';
import { nearestName } from './nearest.ts';
import { type Configuration, configurationSchema } from './schema.ts';
import { optionKeyOf, SETTINGS, settingValue, variableOf } from './settings.ts';

export interface ConfigurationSources {
  /** Must exist; where it is not named, patchcord.yaml is read if it is there. */
  readonly file?: string | undefined;
  /** Flags by the key that commander gives them. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** @throws UsageError that names the place, the value and the mend */
export function loadConfiguration(sources: ConfigurationSources = {}): Configuration {
  const file = readFile(sources.file);
  const raw = structuredClone(file.values);
  // Where each value came from, so that an error names the place where it can be mended.
  const places = new Map<string, string>();
  refuseUnknownVariables(sources.environment ?? {});
  for (const setting of SETTINGS) {
    const variable = variableOf(setting);
    const fromEnvironment = sources.environment?.[variable];
    const fromFlag = sources.flags?.[optionKeyOf(setting)];
    const text = typeof fromFlag === 'string' ? fromFlag : fromEnvironment;
    if (text === undefined || text === '') continue;
    setAt(raw, setting.path, settingValue(setting, text));
    places.set(setting.path.join('.'), typeof fromFlag === 'string' ? `--${setting.flag}` : variable);
  }
  return checkConfiguration(raw, (path) => placeOf(path, places, file));
}

/**
 * Checks a configuration, wherever it came from.
 *
 * @param placeOf - names the place of a value, in front of what is wrong with it
 * @throws UsageError
 */
export function checkConfiguration(
  raw: unknown,
  placeOf: (path: readonly PropertyKey[]) => string,
): Configuration {
  const result = configurationSchema.safeParse(raw);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A mistyped name explains what is missing.
  const issue = issues.find((one) => one.code === 'unrecognized_keys') ?? issues[0];
  const said = issue && describeIssue(issue, raw);
  throw new UsageError(said ? `${placeOf(said.path)} ${said.text}` : 'the configuration is wrong');
}

/** A mistyped variable would be overlooked in silence. Those that are near to none of ours belong to somebody else. */
function refuseUnknownVariables(environment: Readonly<Record<string, string | undefined>>): void {
  const known = SETTINGS.map(variableOf);
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('PATCHCORD_') || known.includes(name) || FOREIGN_VARIABLES.has(name)) continue;
    const meant = nearestName(
      name.slice(10),
      known.map((variable) => variable.slice(10)),
    );
    if (meant === undefined) continue;
    throw new UsageError(`the environment variable ${name} is not known; did you mean PATCHCORD_${meant}?`);
  }
}

/** Of the phone commands and the tests. */
const FOREIGN_VARIABLES: ReadonlySet<string> = new Set([
  'PATCHCORD_SERVER',
  'PATCHCORD_USER',
  'PATCHCORD_PASSWORD',
  'PATCHCORD_DATA',
]);

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = target[name];
  // A place that is no object stays what it is where the file is wrong: the schema will say so.
  const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  target[name] = next;
  setAt(next, rest, value);
}

function placeOf(
  path: readonly PropertyKey[],
  places: ReadonlyMap<string, string>,
  file: ConfigurationFile,
): string {
  for (let length = path.length; length > 0; length -= 1) {
    const place = places.get(path.slice(0, length).join('.'));
    if (place !== undefined) return `${place}:`;
  }
  const line = file.lineOf(path) ?? file.lineOf(path.slice(0, -1));
  return `${file.name}${line === undefined ? '' : `:${line}`}: ${path.join('.')}`;
}

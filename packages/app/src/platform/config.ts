import { resolve } from 'node:path';
import { HoldfastError } from './errors.ts';
import { providerProblems } from './provider-settings.ts';
import { settings } from './settings.ts';
import type { Setting } from './setting-kinds.ts';
import type { Settings } from './settings.ts';

type Checked = {
  readonly [Key in keyof Settings]: Settings[Key] extends Setting<infer Value> ? Value : never;
};

/** The checked settings, with what follows from others filled in. Paths are absolute. */
export type Config = Omit<Checked, 'publicUrl' | 'storageDirectory' | 'falJwksUrl'> & {
  readonly publicUrl: string;
  readonly storageDirectory: string;
  readonly falJwksUrl: string;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** One or more settings can't be used; `data.problems` has a sentence for each. */
export class ConfigError extends HoldfastError {
  constructor(problems: readonly string[]) {
    super('invalid_configuration', problems.join('\n'), { problems });
  }
}

/**
 * Reads and checks every setting of Holdfast; touches nothing. An empty variable counts as unset.
 * @throws ConfigError naming every bad value and every HOLDFAST_ variable that isn't one
 */
export function readConfig(env: Environment): Config {
  const problems = unknownVariables(env);
  const checked = Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => [
      key,
      readSetting(setting as Setting<unknown>, env, problems),
    ]),
  ) as Checked;
  if (checked.databaseOwnerUrl !== undefined && checked.databaseUrl === undefined) {
    problems.push(
      'DATABASE_OWNER_URL is set and DATABASE_URL is not: set both, or neither to use the Postgres that Holdfast brings.',
    );
  }
  problems.push(...providerProblems(checked));
  if (problems.length > 0) throw new ConfigError(problems);
  const dataDirectory = resolve(checked.dataDirectory);
  return {
    ...checked,
    dataDirectory,
    // By number: a bare machine may not know the name localhost, and elsewhere it may mean ::1 first.
    publicUrl: checked.publicUrl ?? `http://127.0.0.1:${checked.port}`,
    falJwksUrl: checked.falJwksUrl ?? `${checked.falRestUrl}/.well-known/jwks.json`,
    storageDirectory: resolve(checked.storageDirectory ?? `${dataDirectory}/storage`),
  };
}

function readSetting(setting: Setting<unknown>, env: Environment, problems: string[]): unknown {
  const text = env[setting.variable]?.trim();
  if (text === undefined || text === '') return setting.fallback;
  const result = setting.schema.safeParse(text);
  if (result.success) return result.data;
  const wanted = result.error.issues[0]?.message ?? 'another value';
  const shown = setting.secret
    ? 'its value'
    : JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  problems.push(`${setting.variable} must be ${wanted}, and ${shown} isn't: correct it or unset it.`);
  return setting.fallback;
}

/** Says that a process is one of a test's; means nothing by itself. */
const test_variable = 'HOLDFAST_TEST';

function unknownVariables(env: Environment): string[] {
  const known = Object.values(settings).map(({ variable }) => variable);
  return Object.keys(env)
    .filter((name) => name.startsWith('HOLDFAST_') && !known.includes(name) && name !== test_variable)
    .sort()
    .map((name) => {
      const near = known.find((other) => distance(name, other) <= 3);
      return near === undefined
        ? `${name} is not a setting of Holdfast's: unset it ("holdfast config" lists all).`
        : `${name} is not a setting of Holdfast's: did you mean ${near}?`;
    });
}

/** How many letters must be changed, added or removed to make one word the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of one.split('').entries()) {
    const next = [i + 1];
    for (const [j, wanted] of other.split('').entries()) {
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === wanted ? 0 : 1)),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

export interface SettingLine {
  readonly variable: string;
  readonly fallback: string;
  readonly about: string;
  /** What it is set to now, if it is; secrets only say that they are. */
  readonly value?: string;
}

/** Every setting as a line for people. */
export function describeSettings(env: Environment = {}): SettingLine[] {
  return Object.values<Setting<unknown>>(settings).map((setting) => {
    const { variable, about, secret } = setting;
    const line = { variable, about, fallback: setting.fallbackText ?? String(setting.fallback) };
    const value = env[variable];
    return value ? Object.assign(line, { value: secret ? '(set)' : value }) : line;
  });
}

import { SettingsError } from "./schema/problems";

/** What CI sets and no file holds: suffix of the variable → where the value goes. */
const OVERRIDES = {
  PROJECT_ID: ["project"],
  APP_IMAGE: ["images", "app", "digest"],
  ENGINE_IMAGE: ["images", "engine", "digest"],
} as const;

const PREFIX = "TERRACE_";
/** Variables of the same prefix that settings do not read, and what does. */
const OTHER_VARIABLES: Readonly<Record<string, string>> = {
  TERRACE_FUZZ_SEED: "the fuzz test's seed",
  TERRACE_IMAGE_NODE: "the Node that the image's test builds in",
  TERRACE_REQUIRE_KUBERNETES: "1 makes a missing control plane fail the tests",
  TERRACE_REQUIRE_PROVIDERS: "1 makes a missing Terraform or provider fail the tests",
  TERRACE_REQUIRE_TOOLS: "1 makes a missing test tool fail the tests",
  TERRACE_TOKEN: "the bearer token of the command-line tools",
};

/**
 * Lays `TERRACE_<ENVIRONMENT>_PROJECT_ID`, `_APP_IMAGE` and `_ENGINE_IMAGE` over the environments. The values are
 * checked like written ones afterwards.
 * @throws SettingsError for a `TERRACE_` variable that names no environment or no setting: a misspelt one would
 * otherwise deploy the wrong thing silently.
 */
export function applyOverrides(
  environments: readonly unknown[],
  variables: Readonly<Record<string, string | undefined>>,
): readonly unknown[] {
  const pending = new Map(
    Object.entries(variables).filter(([name]) => name.startsWith(PREFIX) && !Object.hasOwn(OTHER_VARIABLES, name)),
  );
  const overridden = environments.map((environment) => {
    let result = environment;
    for (const [suffix, path] of Object.entries(OVERRIDES)) {
      const name = `${PREFIX}${nameOf(environment).toUpperCase()}_${suffix}`;
      const value = pending.get(name);
      if (pending.delete(name) && value !== undefined) result = withValue(result, path, value);
    }
    return result;
  });
  if (pending.size > 0) throw unknownVariables(pending, environments);
  return overridden;
}

function nameOf(environment: unknown): string {
  const name = isRecord(environment) ? environment.environment : undefined;
  return typeof name === "string" ? name : "";
}

/** A copy with the value at the path replaced; untouched where the path leads nowhere, which the schema then reports. */
function withValue(target: unknown, [key, ...rest]: readonly string[], value: string): unknown {
  if (!isRecord(target) || key === undefined) return target;
  return { ...target, [key]: rest.length === 0 ? value : withValue(target[key], rest, value) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function unknownVariables(pending: ReadonlyMap<string, unknown>, environments: readonly unknown[]): SettingsError {
  const known = environments.flatMap((environment) =>
    Object.keys(OVERRIDES).map((suffix) => `${PREFIX}${nameOf(environment).toUpperCase()}_${suffix}`),
  );
  return new SettingsError(
    "environment variables",
    // Without their values: what nobody knows may be a secret.
    [...pending.keys()].map((name) => ({
      path: name,
      value: "…",
      rule: "names no environment or no setting that CI may supply",
      fix: `unset it, or use one of ${known.join(", ")}`,
    })),
  );
}

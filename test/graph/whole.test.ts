import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { added, edited } from "../support/edit";
import { ENVIRONMENT_NAMES } from "../support/environments";
import { environment, synthesizedFolder } from "../support/synthesized";
import { nameViolations } from "./names";
import { secretViolations } from "./secrets";

/** Every file below a folder, by its path. */
function contents(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]));
}

describe.each(ENVIRONMENT_NAMES)("%s", (name) => {
  it("synthesizes to the same bytes again", () => {
    expect(contents(`${synthesizedFolder(name)}.again`)).toEqual(contents(synthesizedFolder(name)));
  });

  it("holds no secret", () => {
    expect(secretViolations(environment(name))).toEqual([]);
  });

  it("has names that Google takes, each once", () => {
    expect(nameViolations(environment(name))).toEqual([]);
  });
});

describe("the comparison of two syntheses", () => {
  it("catches a changed byte", () => {
    const folder = mkdtempSync(join(tmpdir(), "changed-"));
    cpSync(synthesizedFolder("demo"), folder, { recursive: true });
    rmSync(join(folder, "manifest.json"));
    expect(contents(folder)).not.toEqual(contents(synthesizedFolder("demo")));
    rmSync(folder, { recursive: true });
  });
});

describe("the check of secrets", () => {
  const production = environment("production");
  // Put together here, so that scanners of this repository find nothing.
  it.each([
    ["a private key", `-----BEGIN RSA ${"PRIVATE"} KEY-----`],
    ["a Google API key", `AI${"za"}${"x".repeat(35)}`],
    ["a Google OAuth token", `ya${"29"}.${"x".repeat(30)}`],
    ["a GitHub token", `gh${"p"}_${"x".repeat(36)}`],
    ["a Slack webhook", `https://hooks.${"slack"}.com/services/T0/B0/xyz`],
    ["an AWS access key", `AK${"IA"}${"A".repeat(16)}`],
    ["a Hugging Face token", `h${"f"}_${"x".repeat(34)}`],
    ["a JSON web token", `ey${"J"}${"h".repeat(12)}.ey${"J"}${"h".repeat(12)}.sig`],
    ["a password", `POSTGRES_PASS${"WORD"}=hunter2hunter2`],
    ["a password in YAML", `pass${"word"}: "hunter2hunter2"`],
    ["credentials in a URL", `postgres://user:${"hunter2"}@10.0.0.5/terrace`],
  ])("catches %s", (_, value) => {
    const planted = edited(production, "google_compute_instance", { "metadata.user-data": `echo\n${value}\n` });
    const violations = secretViolations(planted.environment);
    expect(violations).toHaveLength(1);
    expect(JSON.stringify(violations)).not.toContain(value);
  });

  it.each([
    ["google_secret_manager_secret_version", { secret: "x" }],
    ["google_service_account_key", { service_account_id: "x" }],
    ["random_password", { length: 20 }],
    ["google_sql_user", { name: "app", password: "it" }],
  ])("catches %s", (type, body) => {
    const planted = added(production, "foundation", type, body);
    expect(secretViolations(planted.environment)).toEqual([
      {
        at: `production-foundation ${planted.address}`,
        message: expect.stringContaining("keeps a secret in the state"),
      },
    ]);
  });

  it.each(["POSTGRES_PASSWORD=$${PASSWORD}", "password_file: /run/secrets/x", "GF_PASSWORD__FILE=/run/secrets/x"])(
    "leaves %s alone",
    (value) => {
      const planted = edited(production, "google_compute_instance", { "metadata.user-data": value });
      expect(secretViolations(planted.environment)).toEqual([]);
    },
  );
});

describe("the check of names", () => {
  const production = environment("production");

  it.each([
    ["google_compute_network", { name: `n${"x".repeat(63)}` }],
    ["google_service_account", { account_id: "a".repeat(31) }],
  ])("catches a long one of %s", (type, edits) => {
    const planted = edited(production, type, edits);
    const [violation] = nameViolations(planted.environment);
    expect(violation?.at).toContain(planted.address);
  });

  it("catches one name twice, in two stacks too", () => {
    const planted = added(production, "edge", "google_storage_bucket", {
      name: "terrace-production-production-models",
      location: "asia-northeast3",
    });
    const [violation] = nameViolations(planted.environment);
    expect(violation?.message).toContain("is also google_storage_bucket");
  });
});

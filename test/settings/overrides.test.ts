import { describe, expect, it } from "@jest/globals";
import { loadEnvironments } from "../../settings/load";
import { SettingsError } from "../../settings/schema/problems";
import { projectFiles, readProjectFile } from "../docs/files";

const digest = `sha256:${"b".repeat(64)}`;

/** Names in the project's programs and tests that are no environment's. */
const READ_ELSEWHERE = [
  ...new Set(
    projectFiles()
      .filter((path) => /\.(ts|cjs|py)$|^\.ci\/run$/.test(path) && path !== "test/settings/overrides.test.ts")
      .flatMap((path) => readProjectFile(path).match(/\bTERRACE_[A-Z_]*[A-Z]\b/g) ?? []),
  ),
].filter((name) => !/^TERRACE_(DEMO|PRODUCTION)_/.test(name));

function production(variables: Readonly<Record<string, string>>) {
  return loadEnvironments(variables).find(({ environment }) => environment === "production");
}

describe("TERRACE_ variables", () => {
  it("override project and digests of the environment that they name", () => {
    const settings = production({
      TERRACE_PRODUCTION_PROJECT_ID: "acme-llm-prod",
      TERRACE_PRODUCTION_APP_IMAGE: digest,
      TERRACE_PRODUCTION_ENGINE_IMAGE: digest,
    });
    expect(settings?.project).toBe("acme-llm-prod");
    expect(settings?.images.app.digest).toBe(digest);
    expect(settings?.images.engine.digest).toBe(digest);
    expect(loadEnvironments({ TERRACE_PRODUCTION_PROJECT_ID: "acme-llm-prod" })[0]?.project).toBe("terrace-demo");
  });

  it("are checked like written values", () => {
    expect(() => production({ TERRACE_PRODUCTION_PROJECT_ID: "Acme" })).toThrow(
      /project = "Acme": must be a Google Cloud project id/,
    );
    expect(() => production({ TERRACE_PRODUCTION_APP_IMAGE: "v1.2" })).toThrow(
      /images.app.digest = "v1.2": must be sha256/,
    );
  });

  it("are refused where they name nothing, with the names that exist", () => {
    expect(() => production({ TERRACE_PROD_PROJECT_ID: "acme" })).toThrow(SettingsError);
    expect(() => production({ TERRACE_PRODUCTION_APP_IMGE: digest })).toThrow(
      /use one of .*TERRACE_PRODUCTION_APP_IMAGE/,
    );
  });

  it("are refused without their values, which may be secret", () => {
    expect(() => production({ TERRACE_TOKENS: "s3cr3t" })).toThrow(/^(?!.*s3cr3t).*TERRACE_TOKENS = "…"/s);
  });

  it("are ignored where other programs read them", () => {
    expect(() => production({ HOME: "/root", TERRAFORM: "x" })).not.toThrow();
    expect(READ_ELSEWHERE).toContain("TERRACE_TOKEN");
    for (const name of READ_ELSEWHERE) expect(() => production({ [name]: "1" })).not.toThrow();
  });
});

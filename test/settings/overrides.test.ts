import { describe, expect, it } from "@jest/globals";
import { loadEnvironments } from "../../settings/load";
import { SettingsError } from "../../settings/schema/problems";

const digest = `sha256:${"b".repeat(64)}`;

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

  it("are ignored where other programs read them", () => {
    expect(() => production({ HOME: "/root", TERRAFORM: "x" })).not.toThrow();
  });
});

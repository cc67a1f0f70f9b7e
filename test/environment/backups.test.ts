import { describe, expect, it } from "@jest/globals";
import { readConfig } from "../../app/src/config/config";
import { backupRunner, backupVariables } from "../../environment/backups";
import { environmentOf } from "../../environment/environment";
import { parseSettings } from "../../settings/parse";
import { settingsOf } from "../support/environments";

const settings = settingsOf("production");
const environment = environmentOf(settings);
const demo = environmentOf(settingsOf("demo"));

describe("backupRunner", () => {
  it("is Cloud Run, or the cluster where the vectors are in it, or nothing without shared stores", () => {
    const input = {
      ...settings,
      kubernetes: settings.kubernetes && { ...settings.kubernetes, vectorStore: "cluster" },
    };
    expect(backupRunner(environment)).toBe("cloud-run");
    expect(backupRunner(environmentOf(parseSettings(input)))).toBe("cluster");
    expect(backupRunner(demo)).toBeUndefined();
  });
});

describe("backupVariables", () => {
  it("are variables that the app reads, with the backup's own account", () => {
    const variables = backupVariables(environment, "backup");
    const config = readConfig(variables);
    expect(new URL(config.stores.databaseUrl ?? "").username).toBe("production-backup%40terrace-production.iam");
    expect(variables.BACKUP_DESTINATION).toBe("gs://terrace-production-production-backups");
    expect(config.retrieval.qdrantUrl).toBe("http://qdrant.production.terrace.internal:6333");
  });

  it("name the model that embedded the vectors", () => {
    const embeddings = {
      url: "http://embed.internal:8080/v1",
      model: "jhgan/ko-sbert-multitask",
      range: "10.40.0.0/28",
    };
    expect(backupVariables(environmentOf({ ...settings, embeddings }), "backup")).toMatchObject({
      EMBED_URL: embeddings.url,
      EMBED_MODEL: embeddings.model,
    });
  });

  it("do not exist without shared stores", () => {
    expect(() => backupVariables(demo, "backup")).toThrow("no shared stores");
  });
});

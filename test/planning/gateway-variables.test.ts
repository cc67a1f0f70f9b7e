import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { readConfig } from "../../app/src/config/config";
import { TASK_NAMES, tableOf } from "../../app/src/contract/tasks";
import { ENV } from "../../app/src/contract/variables";
import { adapterPlaces } from "../../planning/engine-placement";
import { type GatewayProps, gatewayVariables } from "../../planning/gateway-variables";
import { databasePool, iamUserName, type SharedStores, storeVariables } from "../../planning/shared-stores";

const STORES: SharedStores = {
  postgresHost: "postgres.production.terrace.internal",
  database: "terrace",
  account: "production-llm-vm@acme.iam.gserviceaccount.com",
  databasePoolMax: 26,
  redisHost: "redis.production.terrace.internal",
  vectorStoreHost: "qdrant.production.terrace.internal",
  authoritiesBucket: "acme-production-authorities",
};
const engine = { gpu: 0, memoryShare: 0.9, maxModelLen: 4096, maxNumSeqs: 24, maxLoras: 0 } as const;
const PROPS: GatewayProps = {
  appPort: 8001,
  grace: { preStopSeconds: 15, gatewayDrainSeconds: 240, engineShutdownSeconds: 30 },
  engines: [
    { ...engine, model: "gemma3-12b-it-gptq", maxLoras: 4 },
    { ...engine, model: "gemma3-4b-it", maxModelLen: 2048 },
  ],
  tasks: {
    ...tableOf(TASK_NAMES, () => "gemma3-12b-it-gptq" as const),
    news: "gemma3-4b-it",
    interview: "gemma3-4b-it",
  },
  reportLoad: true,
};
const ADDRESSES = { host: (index: number) => `engine-${index}`, everyAddress: true };
const FULL: GatewayProps = {
  ...PROPS,
  gateways: 12,
  stores: STORES,
  fallbacks: { interview: "til" },
  serviceTokens: [
    { name: "ci", role: "service", sha256: "a".repeat(64) },
    { name: "ops", role: "admin", sha256: "b".repeat(64) },
  ],
  adapterBucket: "acme-production-adapters",
  embeddings: { url: "http://embed.internal:8080/v1", model: "jhgan/ko-sbert-multitask" },
  preemptible: true,
};

describe("gatewayVariables", () => {
  it("are accepted by the app's own configuration", () => {
    const config = readConfig(gatewayVariables(FULL, ADDRESSES));
    expect(config).toMatchObject({
      host: "0.0.0.0",
      watchPreemption: true,
      serviceTokens: [
        { name: "ci", role: "service" },
        { name: "ops", role: "admin" },
      ],
      scheduler: { enginePriority: true },
      adapters: { prefixes: ["gs://acme-production-adapters/"], maxLoras: 4 },
      retrieval: {
        qdrantUrl: "http://qdrant.production.terrace.internal:6333",
        embedUrl: "http://embed.internal:8080/v1",
        embedModel: "jhgan/ko-sbert-multitask",
      },
      stores: {
        replicas: 12,
        databaseAuth: "google-iam",
        databasePoolMax: 26,
        redisUrl: "rediss://redis.production.terrace.internal:6379",
        redisAuth: "google-iam",
        lockRequired: true,
      },
    });
    const table = config.engine.kind === "engines" ? config.engine.table : undefined;
    expect(table).toMatchObject({
      til: { discovery: "dns", contextTokens: 4096, concurrency: 24 },
      interview: { contextTokens: 2048, fallback: "til" },
    });
    expect(new URL(config.stores.databaseUrl ?? "")).toMatchObject({
      username: "production-llm-vm%40acme.iam",
      password: "",
      hostname: "postgres.production.terrace.internal",
      pathname: "/terrace",
    });
  });

  it("name no stores where there are none, which one gateway may run with", () => {
    const config = readConfig(gatewayVariables(PROPS, { host: () => "127.0.0.1", everyAddress: false }));
    expect(config.stores).toMatchObject({ replicas: 1, databaseUrl: undefined, redisUrl: undefined });
    expect(config.adapters.prefixes).toEqual([]);
    expect(config.serviceTokens).toEqual([]);
    expect(config.watchPreemption).toBe(false);
  });

  it("are refused by the app for several gateways without stores", () => {
    const variables = gatewayVariables({ ...PROPS, gateways: 2 }, ADDRESSES);
    expect(() => readConfig(variables)).toThrow(ENV.databaseUrl);
  });

  it("never hold a password", () => {
    expect(JSON.stringify(gatewayVariables(FULL, ADDRESSES))).not.toMatch(/:\/\/[^/@"]*:[^/@"]*@|password/i);
  });

  it("allow no more adapters than the engine with the fewest places has", () => {
    const engines = [4, 0, 2].map((maxLoras) => ({ ...engine, model: "gemma3-4b-it" as const, maxLoras }));
    expect(adapterPlaces(engines)).toBe(2);
    expect(adapterPlaces([])).toBe(0);
    const without = gatewayVariables(
      { ...FULL, engines: PROPS.engines.map((e) => ({ ...e, maxLoras: 0 })) },
      ADDRESSES,
    );
    expect(without).not.toHaveProperty(ENV.adapterPrefixes);
  });
});

describe("iamUserName", () => {
  it("is the account without the end that all accounts share", () => {
    expect(iamUserName(STORES.account)).toBe("production-llm-vm@acme.iam");
    expect(storeVariables(STORES)[ENV.databaseUrl]).toContain("production-llm-vm%40acme.iam@");
  });
});

describe("databasePool", () => {
  it.each([
    [7680, 1, 50],
    [7680, 12, 26],
    [3840, 12, 6],
    [614, 100, 1],
  ])("of a server with %d MiB and %d gateways: %d each", (memoryMib, gateways, each) => {
    expect(databasePool({ memoryMib, gateways })).toBe(each);
  });

  it("leaves a fifth of the server's connections free", () => {
    fc.assert(
      fc.property(fc.integer({ min: 7680, max: 15_359 }), fc.integer({ min: 1, max: 300 }), (memoryMib, gateways) => {
        expect(databasePool({ memoryMib, gateways }) * gateways).toBeLessThanOrEqual(Math.max(gateways, 400 * 0.8));
      }),
    );
  });
});

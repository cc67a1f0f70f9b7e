import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ConfigError, readConfig, VARIABLES } from "../../src/config/config";

const TABLE = {
  til: { baseUrl: "http://127.0.0.1:8100/v1", model: "a", concurrency: 30 },
  news: { baseUrl: "http://127.0.0.1:8101/v1", model: "b", concurrency: 8 },
  interview: { baseUrl: "http://127.0.0.1:8100/v1", model: "a", concurrency: 30 },
};

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(environment);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe("readConfig", () => {
  it("needs no variable: the simulator answers on port 8001, on this machine only", () => {
    expect(readConfig({})).toMatchObject({
      port: 8001,
      host: "127.0.0.1",
      docs: true,
      engine: { kind: "simulator", speed: 1, concurrency: 30 },
      preStopMs: 0,
      drainTimeoutMs: 25_000,
      keepAliveMs: 620_000,
    });
  });

  it("treats an empty variable as unset, and ignores other programs' variables", () => {
    expect(readConfig({ PORT: "", HOME: "/root", LOG_LEVEL: "" })).toEqual(readConfig({}));
  });

  it("makes VLLM_BASE_URL the engine of every task", () => {
    const { engine } = readConfig({
      VLLM_BASE_URL: "http://localhost:11434/v1/",
      VLLM_MODEL: "gemma3",
      MODEL_CONCURRENCY: "4",
    });
    const target = { baseUrl: "http://localhost:11434/v1", model: "gemma3", concurrency: 4 };
    expect(engine).toEqual({ kind: "engines", table: { til: target, news: target, interview: target } });
  });

  it("prefers MODEL_TABLE to VLLM_BASE_URL", () => {
    const { engine } = readConfig({ MODEL_TABLE: JSON.stringify(TABLE), VLLM_BASE_URL: "http://other:1/v1" });
    expect(engine).toEqual({ kind: "engines", table: TABLE });
  });

  it("reports every wrong variable at once, a line each", () => {
    const lines = problems({ PORT: "80a", DRAIN_TIMEOUT_MS: "-1", DOCS: "yes", VLLM_BASE_URL: "localhost" });
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).not.toContain("\n");
  });

  const mistakes: [NodeJS.ProcessEnv, string][] = [
    [{ PORT: "65536" }, 'PORT="65536": must be a whole number from 0 to 65535'],
    [{ PORT: "8001.5" }, 'PORT="8001.5": must be'],
    [{ HOST: "a b" }, 'HOST="a b": must be an address'],
    [{ LOG_LEVEL: "loud" }, 'LOG_LEVEL="loud": must be one of fatal'],
    [{ VLLM_BASE_URL: "http://x:1" }, 'VLLM_BASE_URL="http://x:1": must be an http(s) URL ending in /v1'],
    [{ VLLM_BASE_URL: "ftp://x/v1" }, "must be an http(s) URL"],
    [{ VLLM_MODEL: "m" }, 'VLLM_MODEL="m": must be a model name, with VLLM_BASE_URL set'],
    [{ SIMULATOR_SPEED: "fast" }, "must be a number from 0"],
    [{ KEEP_ALIVE_MS: "5" }, "must be a whole number from 1000"],
    [{ BODY_LIMIT_BYTES: "1" }, "must be a whole number from 1024"],
    [{ SERVICE_TOKENS: "ci=abc" }, "must be name:role:users=sha256 items"],
    [{ ADAPTER_PREFIXES: "adapters/" }, "must be comma-separated gs://"],
    [{ DATABASE_URL: "mysql://x/y" }, "DATABASE_URL=(hidden): must be a postgresql:// URL"],
    [{ REDIS_URL: "http://x" }, "REDIS_URL=(hidden): must be a redis://"],
    [{ HEALTH_CHECKS: "engine,moon" }, "must be a comma-separated list of engine"],
    [{ EMBED_MODEL: "m" }, "with EMBED_URL set"],
    [{ MODEL_TABLE: "{" }, "must be a JSON object"],
    [{ MODEL_TABLE: "{}" }, "til "],
    [{ MODEL_TABLE: JSON.stringify({ ...TABLE, chess: TABLE.til }) }, "MODEL_TABLE="],
    [
      { MODEL_TABLE: JSON.stringify({ ...TABLE, news: { ...TABLE.news, concurrency: 0 } }) },
      "news.concurrency must be a whole number of at least 1",
    ],
    [
      { MODEL_TABLE: JSON.stringify({ ...TABLE, news: { ...TABLE.news, baseUrl: "http://x" } }) },
      "news.baseUrl must end in /v1",
    ],
    [
      { MODEL_TABLE: JSON.stringify({ ...TABLE, interview: { ...TABLE.interview, concurrency: 31 } }) },
      'interview.concurrency must equal that of "til" (30), which uses the same model',
    ],
  ];
  it.each(mistakes)("refuses the environment %j", (environment, expected) => {
    const lines = problems(environment);
    expect(lines.join("\n")).toContain(expected);
    expect(lines[0]).toContain("or leave it unset");
  });

  it("refuses a health check of something that is not configured, which would seem to pass", () => {
    expect(problems({ HEALTH_CHECKS: "engine,gpu" })).toEqual([
      'HEALTH_CHECKS="engine,gpu": gpu needs GPU_METRICS_URL; set it, or leave gpu out',
    ]);
    expect(problems({ HEALTH_CHECKS: "redis" }).join()).toContain("redis needs REDIS_URL");
    expect(problems({ HEALTH_CHECKS: "gpu", GPU_METRICS_URL: "http://x:9400/metrics" })).toEqual([]);
  });

  it("never prints a secret's value", () => {
    expect(problems({ VLLM_API_KEY: "hunter 2" })).toEqual([expect.stringContaining("VLLM_API_KEY=(hidden)")]);
    expect(problems({ VLLM_API_KEY: "hunter 2" }).join()).not.toContain("hunter");
  });

  it("accepts the example of every variable", () => {
    const stores = { DATABASE_URL: "postgresql://x/y", REDIS_URL: "redis://x", QDRANT_URL: "http://x:6333" };
    const base = { VLLM_BASE_URL: "http://x:1/v1", EMBED_URL: "http://x:2/v1", ...stores };
    for (const { name, example } of Object.values(VARIABLES)) {
      if (example.includes("…")) continue;
      expect(problems({ ...base, [name]: example })).toEqual([]);
    }
  });

  it("is documented in the README, variable by variable", () => {
    const readme = readFileSync(join(__dirname, "../../README.md"), "utf8").replace(/ +/g, " ");
    for (const doc of Object.values(VARIABLES)) {
      const { name } = doc;
      expect(readme).toContain(`| \`${name}\` | ${doc.about} | ${doc.unit.replaceAll("|", "\\|")} | ${doc.unset} |`);
    }
  });
});

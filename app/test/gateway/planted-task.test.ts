import "../../../testing/plant-task";
import { afterEach, describe, expect, it } from "@jest/globals";
import Fastify from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { Registry } from "prom-client";
import { ConfigError, readConfig } from "../../src/config/config";
import { singleModelTable } from "../../src/config/model-table";
import { METRICS } from "../../src/contract/metrics";
import { TASK_NAMES, TASKS, type Task } from "../../src/contract/tasks";
import { ENV } from "../../src/contract/variables";
import { AdapterMetrics } from "../../src/engines/adapters/adapter-metrics";
import { ModelPool } from "../../src/engines/client/model-pool";
import { observeRequests } from "../../src/http/plugins/observe-requests";
import { requestLog } from "../../src/http/plugins/request-log";
import { degradedRoutes } from "../../src/http/routes/admin/degraded";
import { queries } from "../../src/jobs/watchdog/promql";
import { DegradedMode } from "../../src/operations/degraded/degraded-mode";
import { GoodputTracker } from "../../src/operations/goodput/goodput-tracker";
import { GatewayMetrics } from "../../src/operations/metrics";
import { ChainMetrics } from "../../src/tasks/shared/chain/chain-metrics";
import { generationHeaders } from "../../src/tasks/shared/generation-options";

const ENTRY = { baseUrl: "http://127.0.0.1:8100/v1", model: "m", concurrency: 1 };
const planted: readonly Task[] = TASK_NAMES.filter((task: string) => task === "planted");
/** Tasks that MODEL_TABLE must have an entry of. */
const required = TASK_NAMES.filter((task) => TASKS[task].modelOf === task);
const others = required.filter((task) => !planted.includes(task));

/** The configuration with this model table. */
function configWith(tasks: readonly string[]) {
  const table = JSON.stringify(Object.fromEntries(tasks.map((task) => [task, ENTRY])));
  return readConfig({ [ENV.modelTable]: table });
}

describe("TASKS with a planted row", () => {
  const closing: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it("names the planted task", () => {
    expect(planted).toEqual(["planted"]);
  });

  it("requires an entry of the planted task in MODEL_TABLE", () => {
    expect(() => configWith(others)).toThrow(ConfigError);
    expect(() => configWith(others)).toThrow(/planted/);
    const { engine } = configWith(required);
    expect(engine.kind === "engines" && Object.keys(engine.table)).toEqual(required);
    expect(Object.keys(singleModelTable(ENTRY))).toContain("planted");
  });

  it("sets the planted task's fallback queue by the variable of its row", () => {
    expect(readConfig({ [ENV.interviewFallbackQueue]: "7" }).fallbackQueues).toEqual({ interview: 7, planted: 7 });
  });

  it("gives the planted task a model of the pool", () => {
    const pool = new ModelPool({ table: singleModelTable(ENTRY), timeoutMs: 1_000 });
    closing.push(() => pool.close());
    expect(planted.map((task) => pool.forTask(task).task)).toEqual(["planted"]);
  });

  it("begins the planted task's stages, adapters and SLA at 0", async () => {
    const registry = new Registry();
    new ChainMetrics(registry);
    new AdapterMetrics().register(registry);
    new GoodputTracker({ slaTtftMs: 2_000 }).register(registry);
    const text = await registry.metrics();
    expect(text).toContain(`${METRICS.stageErrors}{task="planted",stage="retrieve"} 0`);
    expect(text).toContain(`${METRICS.adapterFallbacks}{task="planted",reason="not_loaded"} 0`);
    expect(text).toContain(`${METRICS.slaRequests}{task="planted",met="false"} 0`);
  });

  it("begins requests and refusals of the planted task's routes at 0", async () => {
    const metrics = new GatewayMetrics({ ready: () => true });
    const app = Fastify();
    closing.push(() => app.close());
    await app.register(observeRequests, { metrics });
    for (const path of ["/planted", "/planted/alias"]) app.post(path, async () => "");
    await app.ready();
    const text = await metrics.registry.metrics();
    for (const route of ["/planted", "/planted/alias"]) {
      expect(text).toContain(`${METRICS.requests}{route="${route}",method="POST",status="503"} 0`);
      expect(text).toContain(`${METRICS.rejected}{route="${route}",reason="QUEUE_FULL"} 0`);
    }
  });

  it("leaves Fastify's lines out for a planted task that logs its own", () => {
    const { disableRequestLogging } = requestLog();
    const logs = (url: string) =>
      typeof disableRequestLogging === "function" &&
      !Reflect.apply(disableRequestLogging, undefined, [{ routeOptions: { url } }]);
    expect([logs("/planted"), logs("/planted/alias"), logs("/news")]).toEqual([false, false, true]);
  });

  it("lists the planted task among degraded ones", async () => {
    const degraded = new DegradedMode();
    degraded.enter("operator");
    const app = Fastify();
    closing.push(() => app.close());
    app.setSerializerCompiler(serializerCompiler);
    app.setValidatorCompiler(validatorCompiler);
    await app.register(degradedRoutes, { degraded });
    expect((await app.inject("/degraded")).json()).toMatchObject({
      tasks: TASK_NAMES,
    });
  });

  it("counts requests of the planted task as use in the watchdog", () => {
    expect(queries("", 60).requests).toContain('|/planted|/planted/alias"');
  });

  it("describes the planted task's default class in its headers", () => {
    const [description] = planted.map((task) => generationHeaders(task).shape["x-request-class"].description);
    expect(description).toMatch(/^interactive: .*batch \(the default\): /);
  });
});

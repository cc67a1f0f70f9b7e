import "../../testing/plant-task";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { readConfig } from "../../app/src/config/config";
import { TASK_NAMES } from "../../app/src/contract/tasks";
import { ENV } from "../../app/src/contract/variables";
import { environmentOf } from "../../environment/environment";
import { unitProps } from "../../environment/unit-props";
import { AVAILABILITY } from "../../observability/slo/objective";
import { gatewayVariables } from "../../planning/gateway-variables";
import demo from "../../settings/environments/demo";
import { parseSettings } from "../../settings/parse";
import type { Settings } from "../../settings/schema/settings";
import { settingsReference } from "../../tools/docs-settings/reference";
import { synthesize } from "../support/synthesize";

const MODEL = "gemma3-12b-it-gptq";

/** Settings of the demo with a route class for the planted task. */
function plantedSettings(): Settings {
  const routes = { ...demo.routes, planted: { model: MODEL, groups: ["ai-1"] } };
  return parseSettings({ ...demo, routes });
}

/** URL map and backend services of a stack that was synthesized. */
const stackSchema = z.object({
  resource: z.object({
    google_compute_url_map: z
      .record(z.string(), z.object({ path_matcher: z.array(z.object({ path_rule: z.array(z.unknown()) })) }))
      .optional(),
    google_compute_backend_service: z.record(z.string(), z.object({ name: z.string() })).optional(),
  }),
});

describe("TASKS with a planted row", () => {
  const folder = mkdtempSync(join(tmpdir(), "planted-task-"));
  const stack = (name: string) =>
    stackSchema.parse(JSON.parse(readFileSync(join(folder, "stacks", name, "cdk.tf.json"), "utf8"))).resource;

  beforeAll(() => synthesize(plantedSettings(), folder));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("requires the planted route class in the settings, with the row's paths by default", () => {
    expect(() => parseSettings(demo)).toThrow(/routes\.planted/);
    expect(plantedSettings().routes).toMatchObject({
      planted: { paths: ["/planted", "/planted/alias"], model: MODEL },
    });
  });

  it("gives the planted route class a backend service and a rule of the URL map", () => {
    const services = Object.values(stack("demo-vm-serving").google_compute_backend_service ?? {});
    expect(services.map(({ name }) => name)).toContainEqual(expect.stringContaining("planted"));
    const [map] = Object.values(stack("demo-edge").google_compute_url_map ?? {});
    expect(map?.path_matcher[0]?.path_rule).toContainEqual({
      paths: ["/planted", "/planted/*", "/planted/alias", "/planted/alias/*"],
      service: expect.stringContaining("planted"),
    });
  });

  it("writes a MODEL_TABLE with the planted task, which the gateway reads", () => {
    const props = {
      ...unitProps(environmentOf(plantedSettings()), "llm-vm"),
      engines: demo.groups.flatMap(({ engines }) => engines),
    };
    expect(Object.keys(props.tasks)).toEqual(TASK_NAMES);
    const placed = { gpu: 0, memoryShare: 0.9, maxModelLen: 4096, maxNumSeqs: 24, maxLoras: 0, model: MODEL } as const;
    const variables = gatewayVariables(
      { ...props, engines: [placed], reportLoad: false },
      { host: () => "127.0.0.1", everyAddress: false },
    );
    const { engine } = readConfig({ [ENV.modelTable]: variables[ENV.modelTable] });
    expect(engine).toMatchObject({ table: { planted: { model: MODEL } } });
  });

  it("counts the planted task's paths towards availability", () => {
    expect(AVAILABILITY.total("5m").promql).toContain("|/planted|/planted/alias");
  });

  it("documents the planted route class in the settings' reference", () => {
    expect(settingsReference()).toContain("| `routes.planted` | object | yes | Planted answers. |");
  });
});

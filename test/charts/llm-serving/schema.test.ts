import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { llmServingValues } from "../../../constructs/gke/llm-serving/values";
import { describeWith } from "../../../testing/programs";
import { isObject, type Json, type JsonObject } from "../../support/json";
import { CHART, EXAMPLE_NAMES, exampleValues, parseYaml, tryTemplate } from "./helm";
import { withValue } from "./manifests";

const production = exampleValues("production.yaml");
const defaults = parseYaml(readFileSync(join(CHART, "values.yaml"), "utf8"));

/** Values over defaults, as helm merges them: `null` takes a key away. */
function merged(base: JsonObject, over: JsonObject): JsonObject {
  const all = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = all[key];
    all[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

/** Path, planted value, and the part of helm's error that names the mistake. */
const MISTAKES: readonly (readonly [string, readonly string[], Json])[] = [
  ["a key that there is none of", ["gatway"], {}],
  ["an inner key that there is none of", ["gateway", "replicas"], 3],
  ["a privileged port", ["gateway", "port"], 80],
  ["a port as text", ["gateway", "port"], "8001"],
  ["a port beyond the last", ["gateway", "port"], 65536],
  ["an image without a tag", ["gateway", "image"], "asia-northeast3-docker.pkg.dev/p/r/app"],
  ["an image with a short digest", ["gateway", "image"], "asia-northeast3-docker.pkg.dev/p/r/app@sha256:00"],
  ["a number as a variable", ["gateway", "env", "PORT"], 8001],
  ["a variable with a space in its name", ["gateway", "env", "LOG LEVEL"], "info"],
  ["a relative probe", ["gateway", "probePath"], "healthz"],
  ["no pods", ["gateway", "minReplicas"], 0],
  ["fewer pods at most than at least", ["gateway", "extraReplicas"], -1],
  ["a limit below its request", ["gateway", "resources", "memoryBurst"], 0],
  ["a CPU share above all", ["gateway", "cpuPercent"], 101],
  ["an upper-case priority class", ["gateway", "priorityClassName"], "High"],
  ["no engine", ["engines", "models"], { "engine-0": null, "engine-1": null, "engine-2": null }],
  ["an engine by another name", ["engines", "models", "gemma"], {}],
  ["an engine without its flags", ["engines", "models", "engine-0", "args"], []],
  ["a model that is no label", ["engines", "models", "engine-0", "model"], "google/gemma-3-4b-it"],
  ["no metric to scale by", ["engines", "models", "engine-0", "metrics"], []],
  ["a metric of a kind that there is none of", ["engines", "models", "engine-0", "metrics"], [{ type: "Object" }]],
  ["a target of nothing", ["engines", "models", "engine-0", "metrics"], [{ type: "Pods", name: "x", targetMillis: 0 }]],
  ["an accelerator that GKE spells otherwise", ["engines", "accelerator"], "l4"],
  ["a colour that serves without pods", ["engines", "colours", "serving"], "green"],
  ["both colours where there is one", ["engines", "colours", "serving"], "both"],
  ["a colour that there is none of", ["engines", "colours", "serving"], "red"],
  ["a window longer than an hour", ["engines", "behaviour", "downWindowSeconds"], 3601],
  ["a period longer than half an hour", ["engines", "behaviour", "downPeriodSeconds"], 1801],
  ["two surge pods", ["engines", "surgePods"], 2],
  ["no time to shut down", ["engines", "shutdownSeconds"], 0],
  ["weights from nowhere", ["weights", "source"], "hub"],
  ["a bucket with a scheme", ["weights", "bucket"], "gs://models"],
  ["a draining beyond Google's hour", ["loadBalancer", "drainingSeconds"], 3601],
  ["a health check every six minutes", ["loadBalancer", "healthCheck", "intervalSeconds"], 360],
  ["an endpoint group that is no name", ["loadBalancer", "endpointGroup"], "NEG_1"],
  ["a certificate for a wildcard", ["ingress", "host"], "*.example.com"],
  ["a certificate for a long host", ["ingress", "host"], `${"a".repeat(60)}.example.com`],
  ["an Ingress without an address", ["ingress", "addressName"], ""],
  ["the gateway beside one engine of three", ["gateway", "besideEngine"], true],
  ["an account of another kind", ["accounts", "engine"], "me@example.com"],
  ["a range that is none", ["network", "googleApisRanges"], ["private.googleapis.com"]],
  ["nobody from outside", ["network", "loadBalancerRanges"], []],
  ["a schedule of six fields", ["jobs", "refresh"], { schedule: "0 0 2 * * *", args: ["x"], env: {} }],
  ["a job that does nothing", ["jobs", "vectorBackup"], { schedule: "0 2 * * *", args: [], env: {} }],
  ["a time zone that is none", ["jobs", "timeZone"], "KST+9"],
  ["a truth value as text", ["podMonitors"], "yes"],
];

describe("LlmServingValues", () => {
  it.each(EXAMPLE_NAMES)("accepts ci/%s over the defaults", (name) => {
    expect(llmServingValues.safeParse(merged(defaults, exampleValues(name))).error).toBeUndefined();
  });

  it.each(MISTAKES)("rejects %s", (_, path, value) => {
    expect(llmServingValues.safeParse(merged(defaults, withValue(production, path, value))).success).toBe(false);
  });
});

describeWith(["helm"], "values.schema.json of llm-serving", () => {
  it.each(MISTAKES)("rejects %s", (_, path, value) => {
    const { ok, output } = tryTemplate(withValue(production, path, value));
    expect(ok).toBe(false);
    expect(output).toContain("don't meet the specifications of the schema");
  });

  it("rejects a release without values", () => {
    expect(tryTemplate({}).ok).toBe(false);
  });
});

import { beforeAll, describe, expect, it } from "@jest/globals";
import { CLUSTER_NAMES, clusterSettings } from "../charts/llm-serving/environments";
import {
  type ChartUnderTest,
  EXAMPLE_NAMES,
  exampleValues,
  LLM_SERVING,
  OBSERVABILITY,
  render,
} from "../charts/llm-serving/helm";
import { find } from "../charts/llm-serving/manifests";
import { stackValues } from "../charts/llm-serving/release";
import { observabilityOf } from "../charts/observability/release";
import { type JsonObject, parseObject } from "../support/json";
import { tryApply } from "./kubectl";
import { makeNamespace } from "./platform";
import { describeInCluster } from "./requirement";

/** Every documented set of values, and those that the stacks make of settings. */
const SETS: readonly (readonly [string, ChartUnderTest, () => JsonObject])[] = [
  ...EXAMPLE_NAMES.map((name) => [`llm-serving/ci/${name}`, LLM_SERVING, () => exampleValues(name)] as const),
  ...CLUSTER_NAMES.map(
    (name) => [`llm-serving of settings: ${name}`, LLM_SERVING, () => stackValues(clusterSettings(name))] as const,
  ),
  ["observability/ci/small.yaml", OBSERVABILITY, () => exampleValues("small.yaml", OBSERVABILITY)],
  ["observability of settings: production", OBSERVABILITY, () => observabilityOf(clusterSettings("production"))],
];

/** GKE's Ingress controller needs it. */
const EXPECTED_WARNING = /annotation "kubernetes\.io\/ingress\.class" is deprecated/;

describeInCluster("an API server with strict validation", () => {
  /** The namespaces of a platform, apart from those of other test files. */
  const NAMESPACES: Readonly<Record<string, string>> = { "llm-serving": "strict-serving", platform: "strict-platform" };
  const accept = (objects: readonly object[], chart: ChartUnderTest) =>
    tryApply(objects, "--dry-run=server", "--namespace", NAMESPACES[chart.namespace] ?? "");

  beforeAll(() => Promise.all(Object.entries(NAMESPACES).map(([like, name]) => makeNamespace(name, like))));

  it.each(SETS)("accepts %s, without an unknown field or a warning of Pod Security", async (_, chart, values) => {
    const { ok, stderr } = await accept(render(values(), chart), chart);
    const said = stderr.split("\n").filter((line) => line !== "" && !EXPECTED_WARNING.test(line));
    expect({ ok, said }).toEqual({ ok: true, said: [] });
  });

  describe("given mistakes", () => {
    let objects: readonly JsonObject[];
    beforeAll(() => {
      objects = render(exampleValues("production.yaml"));
    });
    const edited = (kind: string, name: string, from: string | RegExp, to: string) => {
      const text = JSON.stringify(find(objects, kind, name));
      expect(text).toMatch(from);
      return [parseObject(text.replace(from, to))];
    };

    it.each([
      [
        "a field that pods do not have",
        "Deployment",
        "gateway",
        "enableServiceLinks",
        "enableServiceLink",
        /unknown field/,
      ],
      [
        "a field that a custom resource does not have",
        "BackendConfig",
        "gateway",
        "timeoutSec",
        "timeout",
        /unknown field/,
      ],
      [
        "a value that a custom resource does not take",
        "BackendConfig",
        "gateway",
        '"HTTP"',
        '"TCP"',
        /Unsupported value/,
      ],
      [
        "a selector without its labels",
        "Deployment",
        "gateway",
        '"matchLabels":{',
        '"matchLabels":{"a":"b",',
        /does not match template/,
      ],
    ])("refuses %s", async (_, kind, name, from, to, message) => {
      const { ok, stderr } = await accept(edited(kind, name, from, to), LLM_SERVING);
      expect(ok).toBe(false);
      expect(stderr).toMatch(message);
    });

    it("warns of pods that Pod Security will refuse", async () => {
      const root = edited("Deployment", "gateway", /"runAsNonRoot":true/, '"runAsNonRoot":false');
      expect((await accept(root, LLM_SERVING)).stderr).toContain(
        'Warning: would violate PodSecurity "restricted:v1.32"',
      );
    });
  });
});

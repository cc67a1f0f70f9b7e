import { beforeAll, expect, it } from "@jest/globals";
import { describeWith } from "../../../testing/programs";
import type { JsonObject } from "../../support/json";
import { CLUSTER_NAMES, clusterSettings } from "./environments";
import { EXAMPLE_NAMES, exampleValues, lint, render, renderText } from "./helm";
import { kubeconform } from "./kubeconform";
import { hasSchemas } from "./kubernetes-schemas";
import { objectKind, objectName } from "./manifests";
import { stackValues } from "./release";

/** Every documented set of values, and those that the stack makes of settings. */
const VALUES: readonly (readonly [string, () => JsonObject])[] = [
  ...EXAMPLE_NAMES.map((name) => [`ci/${name}`, () => exampleValues(name)] as const),
  ...CLUSTER_NAMES.map((name) => [`settings: ${name}`, () => stackValues(clusterSettings(name))] as const),
];

describeWith(["helm"], "charts/llm-serving", () => {
  it.each(VALUES)("passes helm lint with %s", (_, values) => {
    const { ok, output } = lint(values());
    expect(ok ? "" : output).toBe("");
  });

  it.each(EXAMPLE_NAMES)("renders the recorded objects from ci/%s", (name) => {
    expect(
      render(exampleValues(name))
        .map((object) => `${objectKind(object)} ${objectName(object)}`)
        .sort(),
    ).toMatchSnapshot();
  });

  it.each(VALUES)("names no object twice with %s", (_, values) => {
    const names = render(values()).map((object) => `${objectKind(object)} ${objectName(object)}`);
    expect(names).toEqual([...new Set(names)]);
  });
});

/** What a person gets wrong → how to plant it in the manifests. */
const PLANTED: readonly (readonly [string, RegExp, string])[] = [
  ["a misspelt field", /terminationGracePeriodSeconds:/, "terminationGracePeriod:"],
  ["a number for a text", /value: "8001"/, "value: 8001"],
  ["a field that a custom resource does not have", /timeoutSec:/, "timeoutSeconds:"],
  ["a host with a wildcard", /domains:\n\s+- gke/, "domains:\n    - '*"],
  ["a monitor without a port", /- port: http\n\s+path/, "- path"],
  ["a redirect that there is none of", /PERMANENT_REDIRECT/, "GONE"],
  ["a kind that nobody knows", /kind: BackendConfig/, "kind: BackEndConfig"],
];

describeWith(["helm", "kubeconform"], "kubeconform", checkedBySchemas, hasSchemas);

function checkedBySchemas(): void {
  /** Name of a set of manifests → what is wrong with them. */
  let findings: ReadonlyMap<string, readonly string[]>;

  // All in one run: reading the schemas takes a second, checking a file a few milliseconds.
  beforeAll(() => {
    const good = VALUES.map(([name, values]) => [name, renderText(values())] as const);
    const manifests = renderText(exampleValues("production.yaml"));
    const broken = PLANTED.map(([name, planted, instead]) => [name, manifests.replace(planted, instead)] as const);
    for (const [, text] of broken) expect(text).not.toBe(manifests);
    findings = kubeconform(new Map([...good, ...broken]));
  });

  it.each(VALUES)("finds nothing wrong for Kubernetes 1.32 with %s", (name) => {
    expect(findings.get(name)).toEqual([]);
  });

  it.each(PLANTED)("finds %s", (name) => {
    expect(findings.get(name)).not.toEqual([]);
  });
}

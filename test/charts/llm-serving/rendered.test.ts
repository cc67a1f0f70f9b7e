import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { canUse } from "../../boot/tools";
import type { JsonObject } from "../../support/json";
import { CLUSTER_NAMES, clusterSettings } from "./environments";
import { EXAMPLE_NAMES, exampleValues, lint, render, renderText } from "./helm";
import { hasSchemas, KubernetesSchemas } from "./kubernetes-schemas";
import { kindOf, nameOf } from "./manifests";
import { stackValues } from "./release";

/** Every documented set of values, and those that the stack makes of settings. */
const VALUES: readonly (readonly [string, () => JsonObject])[] = [
  ...EXAMPLE_NAMES.map((name) => [`ci/${name}`, () => exampleValues(name)] as const),
  ...CLUSTER_NAMES.map((name) => [`settings: ${name}`, () => stackValues(clusterSettings(name))] as const),
];

(canUse("helm") ? describe : describe.skip)("the chart", () => {
  it.each(VALUES)("passes helm lint with %s", (_, values) => {
    const { ok, output } = lint(values());
    expect(ok ? "" : output).toBe("");
  });

  it.each(EXAMPLE_NAMES)("renders these objects from ci/%s", (name) => {
    expect(
      render(exampleValues(name))
        .map((object) => `${kindOf(object)} ${nameOf(object)}`)
        .sort(),
    ).toMatchSnapshot();
  });

  it.each(VALUES)("names no object twice with %s", (_, values) => {
    const names = render(values()).map((object) => `${kindOf(object)} ${nameOf(object)}`);
    expect(names).toEqual([...new Set(names)]);
  });
});

(canUse("helm") && canUse("kubeconform") && hasSchemas() ? describe : describe.skip)("kubeconform", () => {
  let schemas: KubernetesSchemas;
  beforeAll(() => {
    schemas = new KubernetesSchemas();
  });
  afterAll(() => schemas.remove());

  function invalid(manifests: string): string {
    const { status, stdout, stderr } = spawnSync("kubeconform", ["-strict", "-schema-location", schemas.location], {
      encoding: "utf8",
      input: manifests,
    });
    return status === 0 ? "" : stdout + stderr;
  }

  it.each(VALUES)("finds nothing wrong for Kubernetes 1.32 with %s", (_, values) => {
    expect(invalid(renderText(values()))).toBe("");
  });

  it.each([
    ["a misspelt field", /terminationGracePeriodSeconds:/, "terminationGracePeriod:"],
    ["a number for a text", /value: "8001"/, "value: 8001"],
    ["a field that a custom resource does not have", /timeoutSec:/, "timeoutSeconds:"],
    ["a host with a wildcard", /domains:\n\s+- gke/, "domains:\n    - '*"],
    ["a monitor without a port", /- port: http\n\s+path/, "- path"],
    ["a redirect that there is none of", /PERMANENT_REDIRECT/, "GONE"],
    ["a kind that nobody knows", /kind: BackendConfig/, "kind: BackEndConfig"],
  ])("finds %s", (_, planted, instead) => {
    const manifests = renderText(exampleValues("production.yaml"));
    const broken = manifests.replace(planted, instead);
    expect(broken).not.toBe(manifests);
    expect(invalid(broken)).not.toBe("");
  });
});

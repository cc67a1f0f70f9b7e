import { describe, expect, it } from "@jest/globals";
import { edited } from "../support/edit";
import { ENVIRONMENT_NAMES, settingsOf } from "../support/environments";
import { isObject } from "../support/json";
import { type EnvironmentView, stackOf } from "../support/stack-view";
import { environment } from "../support/synthesized";
import { PLANTS } from "./plants";
import { RULES } from "./rules";

/** The places where a rule is broken. */
function brokenAt(rule: string, broken: EnvironmentView, settingsName: string): readonly string[] {
  const check = RULES.find((candidate) => candidate.id === rule)?.check;
  if (check === undefined) throw new Error(`no rule "${rule}"`);
  return check(broken, settingsOf(settingsName)).map(({ at }) => at);
}

describe.each(ENVIRONMENT_NAMES)("%s", (name) => {
  it.each(RULES.map((rule) => [rule.id, rule] as const))("keeps %s", (_, rule) => {
    expect(rule.check(environment(name), settingsOf(name))).toEqual([]);
  });
});

describe("a planted mistake is caught where it is", () => {
  it.each(PLANTS.map((plant) => [plant.rule, plant.mistake, plant] as const))("%s: %s", (rule, _, { into, plant }) => {
    const planted = plant();
    const stillThere = brokenAt(rule, environment(into), into);
    const caught = brokenAt(rule, planted.environment, into).filter((at) => !stillThere.includes(at));
    expect(caught).toContainEqual(expect.stringMatching(new RegExp(` ${planted.address.replaceAll(".", "\\.")}$`)));
  });

  it("https-only: the service by HTTP, at the proxy that serves it", () => {
    const planted = edited(
      environment("production"),
      "google_compute_url_map",
      { default_url_redirect: undefined },
      { name: "terrace-production-redirect" },
    );
    expect(brokenAt("https-only", planted.environment, "production")).toEqual([
      expect.stringContaining("google_compute_target_http_proxy"),
    ]);
  });

  it.each(["ingress", "egress"])("closed-by-default: no denied %s", (direction) => {
    const planted = edited(
      environment("production"),
      "google_compute_firewall",
      { log_config: undefined },
      { name: `terrace-production-deny-${direction}` },
    );
    expect(brokenAt("closed-by-default", planted.environment, "production")).toEqual(["production"]);
  });

  it("default-labels: a provider without them", () => {
    const production = environment("production");
    const edge = stackOf(production, "edge");
    const provider = { google: [{ project: "p" }] };
    const stacks = production.stacks.map((stack) =>
      stack.id === edge.id ? { ...stack, config: { ...stack.config, provider } } : stack,
    );
    expect(isObject(edge.config.provider)).toBe(true);
    expect(new Set(brokenAt("default-labels", { ...production, stacks }, "production"))).toEqual(new Set([edge.id]));
  });
});

describe("the rules", () => {
  it("have ids of their own", () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });

  it("each have a planted mistake", () => {
    const elsewhere = ["https-only", "closed-by-default", "default-labels"];
    const planted = new Set([...PLANTS.map(({ rule }) => rule), ...elsewhere]);
    expect(RULES.map(({ id }) => id).filter((id) => !planted.has(id))).toEqual([]);
  });
});

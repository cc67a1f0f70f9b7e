import { describe, expect, it } from "@jest/globals";
import { coldStartBudget } from "../../../planning/cold-start";
import demo from "../../../settings/environments/demo";
import production from "../../../settings/environments/production";
import { parseSettings } from "../../../settings/parse";
import { numberAt, textAt } from "../../support/json";
import { clusterSettings } from "./environments";
import { at } from "./manifests";
import { releaseOf, stackValues } from "./release";

describe("LlmServingRelease of stack gke-serving", () => {
  const release = releaseOf(clusterSettings("production"));

  it("has a timeout that covers the starts of its engines, one after another", () => {
    const { podSeconds } = coldStartBudget("gemma3-12b-it-gptq");
    expect(numberAt(release, "timeout")).toBeGreaterThan(4 * (285 + podSeconds));
  });

  it("refers to the chart by its content's hash", () => {
    expect(textAt(release, "chart")).toMatch(/^\.\/assets\/.+\/[0-9A-F]{32}$/);
  });

  it("sets the values that depend on the environment", () => {
    const values = stackValues(clusterSettings("production"));
    expect(at(values, "weights")).toEqual({ source: "gcs", bucket: "terrace-production-production-models" });
    expect(at(values, "ingress")).toMatchObject({ host: "gke.llm.example.com" });
    expect(at(values, "loadBalancer")).toMatchObject({ endpointGroup: "terrace-production-gke-gateway" });
    expect(at(values, "accounts")).toMatchObject({
      engine: "production-gke-engine@terrace-production.iam.gserviceaccount.com",
    });
  });

  it("holds no secret", () => {
    expect(JSON.stringify(stackValues(clusterSettings("production")))).not.toMatch(/password|secret|api.?key/i);
  });

  it("throws where there is no cluster", () => {
    expect(() => releaseOf(parseSettings(demo))).toThrow(/kubernetes is null/);
  });
});

describe("settings of kubernetes.serving", () => {
  const { kubernetes } = production;
  if (!kubernetes) throw new Error("production has no cluster");
  const refused = (changes: Partial<typeof kubernetes>) => () =>
    parseSettings({ ...production, kubernetes: { ...kubernetes, ...changes } });

  it("reject the gateway beside one engine of several, because their pods would wait for each other", () => {
    expect(refused({ gateway: { besideEngine: true } })).toThrow(
      /kubernetes\.gateway\.besideEngine = true: needs one model, and the cluster runs 3.*Fix: leave it out/,
    );
  });

  it("reject traffic to a colour without pods", () => {
    expect(refused({ colours: { blue: 100, green: 0, serving: "green" } })).toThrow(
      /kubernetes\.colours\.serving = "?green"?: names a colour without a share.*Fix: give the colour a share first/,
    );
  });
});

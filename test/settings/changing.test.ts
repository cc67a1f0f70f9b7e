import { describe, expect, it } from "@jest/globals";
import { billOf } from "../../planning/bill";
import { scalingInput } from "../../planning/cluster-scale";
import demo from "../../settings/environments/demo";
import production from "../../settings/environments/production";
import { parseSettings } from "../../settings/parse";
import type { SettingsInput } from "../../settings/schema/settings";

const group = (name: string, outage?: boolean) => ({ kind: "group" as const, name, outage });
const [first, second] = production.groups;
if (first === undefined || second === undefined) throw new Error("production has two groups");

describe("changing", () => {
  it("names nothing by default", () => {
    expect(parseSettings(production).changing).toBeNull();
  });

  it("may name a group whose routes have another one", () => {
    expect(parseSettings({ ...production, changing: group("ai-1") }).changing).toEqual(group("ai-1", false));
  });

  it("is refused for the only group of a route, with what it takes", () => {
    expect(() => parseSettings({ ...demo, changing: group("ai-1") })).toThrow(
      'changing.name = "ai-1": is the only group of til, news, interview, api, which would be without machines meanwhile. Fix: add a group first, or write outage: true to accept that.',
    );
  });

  it("may name the only group of a route where the outage is accepted", () => {
    expect(() => parseSettings({ ...demo, changing: group("ai-1", true) })).not.toThrow();
  });

  it("may name a group that has left", () => {
    expect(() => parseSettings({ ...production, changing: group("ai-3") })).not.toThrow();
  });

  it("does not call a cluster removed that the settings describe", () => {
    expect(() => parseSettings({ ...production, changing: { kind: "cluster-removed" } })).toThrow(
      /changing\.kind = "cluster-removed": says that the cluster is gone, and kubernetes describes one/,
    );
  });
});

describe("a group's own machine", () => {
  const settings = (machine: SettingsInput["groups"][number]["machine"], edits: Partial<SettingsInput> = {}) =>
    parseSettings({ ...production, budget: { monthlyUsd: 30000 }, groups: [{ ...first, machine }, second], ...edits });

  it("is what the bill counts, and leaves the other group's as it is", () => {
    const { gpuVms } = billOf(settings({ type: "g2-standard-48", bootDiskGb: 300 }))["vm-serving"];
    expect(gpuVms).toEqual([
      expect.objectContaining({ machineType: "g2-standard-48", bootDiskGb: 300 }),
      expect.objectContaining({ machineType: "g2-standard-24", bootDiskGb: 200 }),
    ]);
  });

  it("is what the quota counts", () => {
    const { kubernetes, ...rest } = settings({ type: "g2-standard-48" });
    if (kubernetes === null) throw new Error("production has a cluster");
    expect(scalingInput(rest, kubernetes).heldByVms.l4).toBe(6);
  });

  it("has the GPUs that the group's engines may name", () => {
    expect(() => settings({ type: "g2-standard-8" })).toThrow(
      /groups\[0\]\.engines\[1\]\.gpu = 1: is no GPU of a g2-standard-8, which has 1/,
    );
  });

  it("lets the host change places with an alias that stays", () => {
    const domain = { host: "ai.example.com", dnsZone: "example.com" };
    expect(() => parseSettings({ ...production, domain, changing: { kind: "domain" } })).toThrow(
      /changing\.kind = "domain": lets the host change places with an alias, and domain\.aliases has none\. Fix: write the host of before/,
    );
    const both = { ...domain, aliases: ["llm.example.com"] };
    expect(() => parseSettings({ ...production, domain: both, changing: { kind: "domain" } })).not.toThrow();
  });
});

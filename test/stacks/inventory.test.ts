import { describe, expect, it } from "@jest/globals";
import { edited, without } from "../support/edit";
import { parseObject } from "../support/json";
import { normalised } from "../support/normalised";
import { countsByType, stackOf } from "../support/stack-view";
import { environment } from "../support/synthesized";
import { inventoryProblems } from "./inventory";

describe("an inventory", () => {
  const edge = stackOf(environment("production"), "edge").config;
  const counts = countsByType(edge);
  const addresses = [{ name: "terrace-production-edge-ipv4" }, { name: "terrace-production-edge-ipv6" }];
  const inventory = { counts, resources: { google_compute_global_address: addresses } };

  it("is met by what it describes", () => {
    expect(inventoryProblems(inventory, edge)).toEqual([]);
  });

  it.each([
    [
      "a resource too few",
      { counts: { ...counts, google_compute_global_address: 1 } },
      "counts.google_compute_global_address",
    ],
    [
      "a type that is not counted",
      { counts: { ...counts, google_compute_global_address: undefined } },
      "google_compute_global_address is not counted",
    ],
    ["a type that is not there", { counts: { ...counts, google_compute_network: 1 } }, "counts.google_compute_network"],
    ["nothing at all", {}, "counts"],
    [
      "a property that differs",
      { counts, resources: { google_compute_ssl_policy: [{ profile: "MODERN" }] } },
      'expected "MODERN", found "RESTRICTED"',
    ],
    [
      "a property that no resource has",
      { counts, resources: { google_compute_ssl_policy: [{ profil: "RESTRICTED" }] } },
      "profil: expected",
    ],
    [
      "a resource of a type that is not there",
      { counts, resources: { google_compute_network: [{ name: "x" }] } },
      "no google_compute_network matches",
    ],
    [
      "a description of two at once",
      { counts, resources: { google_compute_url_map: [{}] } },
      "2 google_compute_url_map match",
    ],
  ])("is not met with %s", (_, expected, problem) => {
    const json = parseObject(JSON.stringify(expected));
    expect(inventoryProblems(json, edge).join("\n")).toContain(problem);
  });
});

describe("a snapshot", () => {
  const production = environment("production");
  const text = (kind: "edge" | "vm-serving", of = production) => normalised(stackOf(of, kind).config);

  it("changes with any attribute and any resource", () => {
    const planted = edited(production, "google_compute_ssl_policy", { profile: "MODERN" });
    expect(text("edge", planted.environment)).not.toBe(text("edge"));
    expect(text("edge", without(production, "google_compute_ssl_policy"))).not.toBe(text("edge"));
  });

  it("changes with a machine's boot content, without holding it", () => {
    const boot = "#cloud-config\nwrite_files:\n  - path: /etc/other\n    content: something else\n";
    const planted = edited(production, "google_compute_instance", { "metadata.user-data": boot }, { name: "llm-vm-1" });
    expect(text("vm-serving", planted.environment)).not.toBe(text("vm-serving"));
    expect(text("vm-serving", planted.environment)).not.toContain("something else");
    expect(text("vm-serving")).not.toMatch(/"\/\/"|^ *\/\/:/m);
  });
});

import { describe, expect, it } from "@jest/globals";
import { added, edited } from "../support/edit";
import { ENVIRONMENT_NAMES, settingsOf } from "../support/environments";
import { environment } from "../support/synthesized";
import { brokenLinks } from "./links";
import { unresolvedReferences } from "./references";

/** As Terraform writes it: a dollar sign and braces. */
const expression = (content: string) => `\${${content}}`;

describe.each(ENVIRONMENT_NAMES)("%s", (name) => {
  it("refers to resources of the same stack only", () => {
    expect(unresolvedReferences(environment(name))).toEqual([]);
  });

  it("names only what the same stack or an earlier one makes", () => {
    expect(brokenLinks(environment(name), settingsOf(name))).toEqual([]);
  });
});

describe("the check of references", () => {
  const production = environment("production");

  it.each([
    ["a resource that is not there", expression("google_compute_network.other.id"), "google_compute_network.other"],
    [
      "one of two",
      `${expression("google_compute_network.other.id")}-${expression("google_compute_subnetwork.x.id")}`,
      "google_compute_network.other",
    ],
    ["a data source that is not there", expression("data.google_project.this.number"), "data.google_project.this"],
    [
      "a resource of the cluster that is not there",
      expression("kubernetes_namespace_v1.other.metadata[0].name"),
      "kubernetes_namespace_v1.other",
    ],
    ["a shell variable that was not escaped", `echo ${expression("HOME")}`, "an expression without a reference"],
  ])("catches %s", (_, value, message) => {
    const planted = edited(production, "google_compute_router", { network: value });
    const [violation] = unresolvedReferences(planted.environment);
    expect(violation?.at).toBe(`production-foundation ${planted.address}`);
    expect(violation?.message).toContain(message);
  });

  it("catches a dependency on nothing", () => {
    const planted = edited(production, "google_compute_router", { depends_on: ["google_compute_network.other"] });
    expect(unresolvedReferences(planted.environment)).toHaveLength(1);
  });

  it("ignores an escaped shell variable", () => {
    const planted = edited(production, "google_compute_router", { description: `echo $${expression("HOME")}` });
    expect(unresolvedReferences(planted.environment)).toEqual([]);
  });
});

describe("the check of links", () => {
  const production = environment("production");
  const settings = settingsOf("production");
  const router = (description: string) => edited(production, "google_compute_router", { description });

  it.each([
    ["a network", "projects/terrace-production/global/networks/other", "which no stack makes"],
    [
      "a subnetwork in another region",
      "projects/terrace-production/regions/us-central1/subnetworks/terrace-production-serving",
      "which stands in another region",
    ],
    ["an account", "production-other@terrace-production.iam.gserviceaccount.com", "which no stack makes"],
    ["an account as SQL user", "production-other@terrace-production.iam", "which no stack makes"],
    ["a repository", "asia-northeast3-docker.pkg.dev/terrace-production/other/app", "which no stack makes"],
    ["a bucket", "gs://terrace-production-production-other/x", "which no stack makes"],
    ["a private host", "http://other.production.terrace.internal:6333", "which no stack makes"],
    ["a secret", "projects/terrace-production/secrets/other/versions/latest", "which no stack makes"],
    ["a secret of a boot script", "SECRETS=file:472:terrace-production-other", "which no stack makes"],
    [
      "endpoint groups that no release makes",
      "projects/terrace-production/zones/asia-northeast3-a/networkEndpointGroups/nobodys",
      'endpoint group of pods "nobodys", which no stack makes',
    ],
    [
      "endpoint groups that a later release makes",
      "projects/terrace-production/zones/asia-northeast3-a/networkEndpointGroups/terrace-production-gke-gateway",
      "which production-gke-serving makes, on which this stack does not depend",
    ],
    ["a collection nobody knows", "projects/terrace-production/global/gizmos/other", 'gizmos "other"'],
    [
      "what a later stack makes",
      "projects/terrace-production/global/backendServices/terrace-production-til",
      "which production-vm-serving makes, on which this stack does not depend",
    ],
  ])("catches %s", (_, value, message) => {
    const planted = router(value);
    const violations = brokenLinks(planted.environment, settings);
    expect(violations).toEqual([
      { at: `production-foundation ${planted.address}`, message: expect.stringContaining(message) },
    ]);
  });

  it("catches a DNS zone by name", () => {
    const record = { managed_zone: "other", name: "x.example.com.", type: "A", ttl: 300, rrdatas: ["192.0.2.1"] };
    const planted = added(production, "edge", "google_dns_record_set", record);
    expect(brokenLinks(planted.environment, settings)).toEqual([
      { at: `production-edge ${planted.address}`, message: expect.stringContaining('"other"') },
    ]);
  });

  it("ignores links to other projects", () => {
    const planted = router("projects/cos-cloud/global/images/family/cos-125-lts");
    expect(brokenLinks(planted.environment, settings)).toEqual([]);
  });
});

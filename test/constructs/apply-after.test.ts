import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { describe, expect, it } from "@jest/globals";
import { Testing } from "cdktf";
import { Construct } from "constructs";
import { z } from "zod";
import { applyAfter } from "../../constructs/apply-after";

const synthesized = z.object({
  resource: z.object({
    google_storage_bucket: z.record(z.string(), z.object({ depends_on: z.array(z.string()).optional() })),
  }),
});

/** What each bucket waits for, after `order` has seen three of them, two in one construct. */
function waits(order: (later: Construct, pair: Construct, single: Construct) => void) {
  const text = Testing.synthScope((stack) => {
    const bucket = (scope: Construct, name: string) => new StorageBucket(scope, name, { name, location: "US" });
    const later = bucket(stack, "later");
    const pair = new Construct(stack, "pair");
    bucket(pair, "first");
    bucket(pair, "second");
    const single = bucket(stack, "single");
    order(later, pair, single);
  });
  const { google_storage_bucket: buckets } = synthesized.parse(JSON.parse(text)).resource;
  return Object.fromEntries(Object.entries(buckets).map(([name, body]) => [name, body.depends_on ?? []]));
}

describe("applyAfter", () => {
  it("makes a resource wait for every resource of what comes before, and those for nothing", () => {
    const found = waits((later, pair, single) => applyAfter(later, [pair, single]));
    expect(found.later).toEqual([
      expect.stringMatching(/^google_storage_bucket\.pair_first_/),
      expect.stringMatching(/^google_storage_bucket\.pair_second_/),
      "google_storage_bucket.single",
    ]);
    expect(Object.values(found).flat()).toHaveLength(3);
  });

  it("adds to what a resource waits for already", () => {
    const found = waits((later, pair, single) => {
      applyAfter(later, [single]);
      applyAfter(later, [pair]);
    });
    expect(found.later).toHaveLength(3);
  });

  it("is needed, because cdktf writes nothing of a construct's own dependencies", () => {
    const found = waits((later, pair) => later.node.addDependency(pair));
    expect(Object.values(found).flat()).toEqual([]);
  });
});

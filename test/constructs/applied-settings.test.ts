import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { describe, expect, it } from "@jest/globals";
import { Testing } from "cdktf";
import { z } from "zod";
import { AppliedSettings } from "../../constructs/applied-settings";

const lifecycle = z
  .object({
    ignore_changes: z.array(z.string()).optional(),
    prevent_destroy: z.boolean().optional(),
    precondition: z.array(z.object({ condition: z.string(), error_message: z.string() })).optional(),
  })
  .optional();
const synthesized = z.object({
  resource: z.object({
    terraform_data: z.record(z.string(), z.object({ input: z.record(z.string(), z.string()), lifecycle })),
    google_storage_bucket: z.record(z.string(), z.object({ lifecycle })),
  }),
});

/** A record of one setting, and the bucket that it guards. */
function applied(mayChange: boolean) {
  const text = Testing.synthScope((stack) => {
    const bucket = new StorageBucket(stack, "bucket", {
      name: "bucket",
      location: "US",
      lifecycle: { preventDestroy: true },
    });
    const props = { values: { "disk of a": "200 GB" }, mayChange, steps: "One at a time." };
    new AppliedSettings(stack, "first", props).guard(bucket);
    new AppliedSettings(stack, "second", props).guard(bucket);
  });
  const { terraform_data, google_storage_bucket } = synthesized.parse(JSON.parse(text)).resource;
  const [record] = Object.values(terraform_data);
  return { record, guarded: google_storage_bucket.bucket?.lifecycle };
}

describe("AppliedSettings", () => {
  it("keeps what was applied while its settings may not change", () => {
    expect(applied(false).record).toMatchObject({
      input: { "disk of a": "200 GB" },
      lifecycle: { ignore_changes: ["input"] },
    });
  });

  it("follows its settings where they may change", () => {
    expect(applied(true).record?.lifecycle).toBeUndefined();
  });

  it("adds its preconditions to a resource's lifecycle, with the setting, both values and the steps", () => {
    const { guarded } = applied(false);
    expect(guarded?.prevent_destroy).toBe(true);
    expect(guarded?.precondition).toHaveLength(2);
    expect(guarded?.precondition?.[0]).toEqual({
      condition: expect.stringMatching(/^\$\{.*output\["disk of a"\], "200 GB"\) == "200 GB".*\}$/),
      error_message: expect.stringMatching(
        /^disk of a: \$\{try\(.*\)\} is applied, and the settings have 200 GB\. One at a time\.$/,
      ),
    });
  });
});

import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { describe, expect, it } from "@jest/globals";
import { App, Fn, TerraformStack, Testing, Token } from "cdktf";
import { z } from "zod";

/** A stack whose text is resolved from tokens. */
function synthesized(): string {
  const stack = new TerraformStack(Testing.app(), "stack");
  const bucket = new StorageBucket(stack, "bucket", { name: "models", location: "asia-northeast3" });
  const bucketName = Fn.lower(bucket.name);
  new StorageBucketIamMember(stack, "reader", { bucket: bucketName, role: "roles/storage.objectViewer", member: "m" });
  return Testing.synth(stack);
}

describe("jest-runtime.cjs", () => {
  it("loads cdktf outside of the test file's sandbox, and zod inside", () => {
    expect(App).not.toBeInstanceOf(Function);
    expect(z.object).toBeInstanceOf(Function);
  });

  it("synthesizes the same text after other files of the worker have made tokens", () => {
    const before = synthesized();
    expect(before).toContain("lower(google_storage_bucket.bucket.name)");
    const others = Array.from({ length: 100 }, (_, index) => Token.asString({ index }));
    expect(new Set(others).size).toBe(100);
    expect(synthesized()).toBe(before);
  });
});

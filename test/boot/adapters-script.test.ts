import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { loraPath } from "../../app/src/engines/adapters/adapter-uri";
import { Sandbox } from "./sandbox";
import { ACCOUNT, StubGoogle } from "./stub-google";

const BUCKET = "terrace-test-adapters";
const FILES = { "adapter_config.json": "{}", "adapter_model.safetensors": "weights" };

let google: StubGoogle;
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = new Sandbox();
  google = new StubGoogle();
  await google.listen();
});

afterEach(async () => {
  sandbox.remove();
  await google.close();
});

const environment = (changes: Record<string, string> = {}) => ({
  METADATA_URL: google.url,
  STORAGE_URL: google.url,
  ADAPTERS_BUCKET: BUCKET,
  ADAPTERS_DIR: sandbox.path("adapters"),
  INTERVAL_SECONDS: "0.2",
  ONCE: "true",
  ...changes,
});
const at = (folder: string, file = "adapter_model.safetensors") => `adapters/${BUCKET}/${folder}/${file}`;

describe("adapters.sh", () => {
  it("fetches every folder that has sums, over all pages of the listing, to the folder that the gateway names to engines", async () => {
    const folders = ["jimin/commit-v1", "jimin/commit-v2", "shared/paper", "flat", "a/b/c/d"];
    for (const folder of folders) google.model(BUCKET, folder, FILES);
    google.objects.set(`${BUCKET}/unfinished/adapter_config.json`, Buffer.from("{}"));
    const { status } = await sandbox.run("adapters.sh", environment());
    expect(status).toBe(0);
    for (const folder of folders) {
      expect(sandbox.read(at(folder))).toBe("weights");
      expect(loraPath(`gs://${BUCKET}/${folder}`)).toBe(`/models/${at(folder, "").slice(0, -1)}`);
    }
    expect(sandbox.exists(at("unfinished", "adapter_config.json"))).toBe(false);
    expect(google.requests.filter((request) => request.startsWith("LIST"))).toHaveLength(3);
  });

  it("fetches nothing but the manifests of what it has", async () => {
    google.model(BUCKET, "flat", FILES);
    await sandbox.run("adapters.sh", environment());
    google.requests.length = 0;
    await sandbox.run("adapters.sh", environment());
    expect(google.requests).toEqual([`LIST ${BUCKET}`, `GET ${BUCKET}/flat/SHA256SUMS`]);
  });

  it("fetches an adapter that is uploaded while it runs", async () => {
    const running = sandbox.start("adapters.sh", environment({ ONCE: "" }));
    google.model(BUCKET, "late", FILES);
    await running.says("late is complete");
    running.kill();
    await running.finished;
    expect(sandbox.read(at("late"))).toBe("weights");
  });

  it("never shows an adapter with other bytes than its sums say, and goes on with the others", async () => {
    google.model(BUCKET, "bad", FILES);
    google.objects.set(`${BUCKET}/bad/adapter_model.safetensors`, Buffer.from("planted"));
    google.model(BUCKET, "good", FILES);
    const { status, log } = await sandbox.run("adapters.sh", environment());
    expect(status).toBe(0);
    expect(log).toContain("bad/adapter_model.safetensors does not match its SHA-256");
    expect(sandbox.exists(at("bad"))).toBe(false);
    expect(sandbox.read(at("good"))).toBe("weights");
  });

  it.each(["../escape", "a/../../escape", ".hidden", "a//b", "with space", "$(touch x)"])(
    "leaves the folder %s out",
    async (folder) => {
      google.model(BUCKET, folder, FILES);
      const { status, log } = await sandbox.run("adapters.sh", environment());
      expect(status).toBe(0);
      expect(log).toContain("is left out");
      expect(google.requests).toEqual([`LIST ${BUCKET}`]);
    },
  );

  it("removes at its start what is no longer in the bucket, and nothing while it runs", async () => {
    google.model(BUCKET, "old/v1", FILES);
    google.model(BUCKET, "old/v2", FILES);
    await sandbox.run("adapters.sh", environment());
    for (const key of [...google.objects.keys()]) if (key.startsWith(`${BUCKET}/old/v1/`)) google.objects.delete(key);
    const { log } = await sandbox.run("adapters.sh", environment());
    expect(log).toContain("removing old/v1, which left");
    expect(sandbox.exists(at("old/v1"))).toBe(false);
    expect(sandbox.exists(at("old/v2"))).toBe(true);
  });

  it("removes nothing while the bucket cannot be listed, and logs which account lacks which role", async () => {
    google.model(BUCKET, "flat", FILES);
    await sandbox.run("adapters.sh", environment());
    google.refuseWith = 403;
    const running = sandbox.start("adapters.sh", environment());
    await running.says(`${ACCOUNT} needs roles/storage.objectViewer on the bucket`);
    running.kill();
    await running.finished;
    expect(sandbox.read(at("flat"))).toBe("weights");
  });

  it("succeeds with an empty bucket", async () => {
    expect(await sandbox.run("adapters.sh", environment())).toEqual({ status: 0, log: "" });
  });
});

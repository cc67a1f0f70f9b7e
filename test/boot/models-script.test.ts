import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Sandbox } from "./sandbox";
import { ACCOUNT, StubGoogle } from "./stub-google";

const BUCKET = "terrace-test-models";
const MODEL = "tiny";
const WEIGHTS = "w".repeat(200_000);
const FILES = { "config.json": "{}", "tokenizer/vocab.txt": "a b c", "model.safetensors": WEIGHTS };

let google: StubGoogle;
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = new Sandbox();
  google = new StubGoogle();
  await google.listen();
  google.model(BUCKET, MODEL, FILES);
});

afterEach(async () => {
  sandbox.remove();
  await google.close();
});

function environment(models = MODEL): Record<string, string> {
  return {
    METADATA_URL: google.url,
    STORAGE_URL: google.url,
    MODELS: models,
    MODELS_BUCKET: BUCKET,
    MODELS_DIR: sandbox.path("models"),
  };
}

/** Runs the script, expecting success. */
async function download(): Promise<string> {
  const { status, log } = await sandbox.run("models.sh", environment());
  expect({ status, log }).toEqual({ status: 0, log: expect.any(String) });
  return log;
}

function requestsFor(file: string): string[] {
  return google.requests.filter((request) => request.startsWith(`GET ${BUCKET}/${MODEL}/${file}`));
}

describe("models.sh", () => {
  it("downloads every file of every model, with the token of the VM", async () => {
    google.model(BUCKET, "other", { "config.json": "other" });
    const { status } = await sandbox.run("models.sh", environment(`${MODEL} other`));
    expect(status).toBe(0);
    for (const [file, content] of Object.entries(FILES)) expect(sandbox.read(`models/${MODEL}/${file}`)).toBe(content);
    expect(sandbox.read("models/other/config.json")).toBe("other");
  });

  it("fetches nothing but the manifest after a reboot", async () => {
    await download();
    google.requests.length = 0;
    expect(await download()).toBe("");
    expect(google.requests).toEqual([`GET ${BUCKET}/${MODEL}/SHA256SUMS`]);
  });

  it("writes a metric for each finished model while others are still downloading", async () => {
    google.model(BUCKET, "other", { "config.json": "other" });
    google.breakAfterBytes.set(`${BUCKET}/other/config.json`, 1);
    google.refuseWith = 503;
    const running = sandbox.start("models.sh", {
      ...environment(`${MODEL} other`),
      METRICS_DIR: sandbox.path("metrics"),
    });
    await running.says("failed; trying again");
    const state = () =>
      sandbox
        .read("metrics/models.prom")
        .split("\n")
        .filter((line) => !line.startsWith("#"));
    expect(state()).toEqual([`terrace_model_ready{model="${MODEL}"} 0`, 'terrace_model_ready{model="other"} 0', ""]);
    google.refuseWith = 0;
    await running.finished;
    expect(state()).toEqual([`terrace_model_ready{model="${MODEL}"} 1`, 'terrace_model_ready{model="other"} 1', ""]);
    expect(sandbox.read("metrics/models.prom")).toContain("# TYPE terrace_model_ready gauge\n");
  });

  it("resumes an interrupted download", async () => {
    google.breakAfterBytes.set(`${BUCKET}/${MODEL}/model.safetensors`, 150_000);
    expect(await download()).toContain("model.safetensors broke off");
    const [first, second, ...more] = requestsFor("model.safetensors");
    expect(first).not.toContain("bytes=");
    const resumedAt = Number(/bytes=(\d+)-/.exec(second ?? "")?.[1]);
    expect(resumedAt).toBeGreaterThan(0);
    expect(resumedAt).toBeLessThanOrEqual(150_000);
    expect(more).toEqual([]);
    expect(sandbox.read(`models/${MODEL}/model.safetensors`)).toBe(WEIGHTS);
  });

  it("resumes after a reboot", async () => {
    const manifest = google.objects.get(`${BUCKET}/${MODEL}/SHA256SUMS`) ?? "";
    sandbox.write(`models/.${MODEL}.partial/.manifest`, manifest);
    sandbox.write(`models/.${MODEL}.partial/config.json`, FILES["config.json"]);
    sandbox.write(`models/.${MODEL}.partial/model.safetensors.part`, WEIGHTS.slice(0, 1000));
    await download();
    expect(requestsFor("config.json")).toEqual([]);
    expect(requestsFor("model.safetensors")).toEqual([`GET ${BUCKET}/${MODEL}/model.safetensors bytes=1000-`]);
    expect(sandbox.read(`models/${MODEL}/model.safetensors`)).toBe(WEIGHTS);
  });

  it("detects a corrupt file and fetches it afresh", async () => {
    const manifest = google.objects.get(`${BUCKET}/${MODEL}/SHA256SUMS`) ?? "";
    sandbox.write(`models/.${MODEL}.partial/.manifest`, manifest);
    sandbox.write(`models/.${MODEL}.partial/model.safetensors.part`, "X".repeat(1000));
    expect(await download()).toMatch(/model\.safetensors does not match its SHA-256 .*; fetching it afresh/);
    expect(sandbox.read(`models/${MODEL}/model.safetensors`)).toBe(WEIGHTS);
  });

  it("starts afresh where the part is longer than the object", async () => {
    const manifest = google.objects.get(`${BUCKET}/${MODEL}/SHA256SUMS`) ?? "";
    sandbox.write(`models/.${MODEL}.partial/.manifest`, manifest);
    sandbox.write(`models/.${MODEL}.partial/model.safetensors.part`, "X".repeat(WEIGHTS.length + 1));
    expect(await download()).toContain("fetching it afresh");
    expect(sandbox.read(`models/${MODEL}/model.safetensors`)).toBe(WEIGHTS);
  });

  it("never shows a model under its name that is not all verified", async () => {
    google.objects.set(
      `${BUCKET}/${MODEL}/model.safetensors`,
      Buffer.from("planted: other bytes than the manifest says"),
    );
    const running = sandbox.start("models.sh", environment());
    await running.says("does not match its SHA-256");
    running.kill();
    await running.finished;
    expect(sandbox.exists(`models/${MODEL}`)).toBe(false);
  });

  it.each([401, 403])(
    "on HTTP %d says which account lacks which role on which bucket, and keeps trying",
    async (code) => {
      google.refuseWith = code;
      const running = sandbox.start("models.sh", environment());
      await running.says("trying again");
      expect(running.log()).toContain(`HTTP ${code}: ${ACCOUNT} may not read gs://${BUCKET}/${MODEL}/SHA256SUMS`);
      expect(running.log()).toContain(`It needs roles/storage.objectViewer on bucket ${BUCKET}`);
      google.refuseWith = 0;
      expect((await running.finished).status).toBe(0);
    },
  );

  it("logs that a model was never uploaded", async () => {
    const running = sandbox.start("models.sh", environment("absent"));
    await running.says(`gs://${BUCKET}/absent/SHA256SUMS does not exist. Upload it; a folder with its SHA256SUMS`);
  });

  it("replaces weights when the manifest changed, without remains of the old", async () => {
    await download();
    google.model(BUCKET, MODEL, { "config.json": "new" });
    await download();
    expect(sandbox.read(`models/${MODEL}/config.json`)).toBe("new");
    expect(sandbox.exists(`models/${MODEL}/model.safetensors`)).toBe(false);
  });

  it("serves what an earlier boot verified where the bucket is out of reach", async () => {
    await download();
    google.refuseWith = 503;
    expect(await download()).toContain("using the tiny that was verified earlier");
    expect(sandbox.read(`models/${MODEL}/model.safetensors`)).toBe(WEIGHTS);
  });

  it.each(["../../etc/passwd", "/etc/passwd", "a/../../b", "$(reboot)"])("refuses the file name %s", async (name) => {
    google.objects.set(`${BUCKET}/${MODEL}/SHA256SUMS`, Buffer.from(`${"0".repeat(64)}  ${name}\n`));
    const running = sandbox.start("models.sh", environment());
    await running.says("has a line that is no SHA-256 and plain file name");
    expect(google.requests.every((request) => request.endsWith("/SHA256SUMS"))).toBe(true);
  });

  it.each(["", "\n"])("refuses the manifest %j, which would verify nothing", async (manifest) => {
    google.objects.set(`${BUCKET}/${MODEL}/SHA256SUMS`, Buffer.from(manifest));
    const running = sandbox.start("models.sh", environment());
    await running.says("trying again");
    expect(sandbox.exists(`models/${MODEL}`)).toBe(false);
  });

  it("reads a manifest whose last line has no line break", async () => {
    const manifest = google.objects.get(`${BUCKET}/${MODEL}/SHA256SUMS`)?.toString().trimEnd() ?? "";
    google.objects.set(`${BUCKET}/${MODEL}/SHA256SUMS`, Buffer.from(manifest));
    await download();
    for (const [file, content] of Object.entries(FILES)) expect(sandbox.read(`models/${MODEL}/${file}`)).toBe(content);
  });
});

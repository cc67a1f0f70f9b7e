import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Sandbox } from "./sandbox";

const MODEL = "tinyllama-1.1b-chat";
const WEIGHTS = "the weights";
const IMAGE = `asia-northeast3-docker.pkg.dev/p/r/app@sha256:${"a".repeat(64)}`;

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
  sandbox.write(`image/models/${MODEL}/model.safetensors`, WEIGHTS);
  manifest(WEIGHTS);
  docker();
});

afterEach(() => sandbox.remove());

/** The sum of the image's manifest for its file. */
function manifest(content: string): void {
  const sum = createHash("sha256").update(content).digest("hex");
  sandbox.write(`image/models/${MODEL}/SHA256SUMS`, `${sum}  model.safetensors\n`);
}

/** A docker that copies out of the folder `image`; the given lines come first. */
function docker(before = ""): void {
  sandbox.command(
    "docker",
    `${before}
case $1 in
  create) echo container-1 ;;
  cp) cp --recursive "${sandbox.path("image")}\${2#container-1:}" "$3" ;;
esac`,
  );
}

function environment(image = IMAGE) {
  return { MODELS: MODEL, WEIGHTS_IMAGE: image, MODELS_DIR: sandbox.path("models") };
}

describe("models-from-image.sh", () => {
  it("copies a verified model out of a container that never runs, and removes the container", async () => {
    const { status, log } = await sandbox.run("models-from-image.sh", environment());
    expect({ status, log }).toEqual({ status: 0, log: `models-from-image.sh: ${MODEL} is complete\n` });
    expect(sandbox.read(`models/${MODEL}/model.safetensors`)).toBe(WEIGHTS);
    expect(sandbox.calls()).toEqual([
      `docker create ${IMAGE}`,
      `docker cp container-1:/models/${MODEL} ${sandbox.path("models")}/.${MODEL}.partial`,
      "docker rm container-1",
    ]);
  });

  it("copies nothing again after a reboot, and everything with a new image", async () => {
    await sandbox.run("models-from-image.sh", environment());
    const before = sandbox.calls().length;
    expect((await sandbox.run("models-from-image.sh", environment())).log).toContain("was verified before");
    expect(sandbox.calls()).toHaveLength(before);
    sandbox.write(`image/models/${MODEL}/model.safetensors`, "new weights");
    manifest("new weights");
    await sandbox.run("models-from-image.sh", environment("registry/app:v2"));
    expect(sandbox.read(`models/${MODEL}/model.safetensors`)).toBe("new weights");
  });

  it("logs that the image has no such model, leaves no container, and succeeds once it has", async () => {
    docker('[[ $1 != cp || -e "$0.fixed" ]] || exit 1');
    const running = sandbox.start("models-from-image.sh", environment());
    await running.says(`${IMAGE} gave no /models/${MODEL}. Is it the app-with-weights image`);
    expect(sandbox.exists(`models/${MODEL}`)).toBe(false);
    sandbox.write("bin/docker.fixed", "");
    expect((await running.finished).status).toBe(0);
    const calls = sandbox.calls();
    expect(calls.filter((call) => call.startsWith("docker rm")).length).toBe(
      calls.filter((call) => call.startsWith("docker create")).length,
    );
  });

  it("never shows a model that does not match its manifest", async () => {
    manifest("other weights");
    const running = sandbox.start("models-from-image.sh", environment());
    await running.says(`/models/${MODEL} of ${IMAGE} does not match its SHA256SUMS`);
    expect(sandbox.exists(`models/${MODEL}`)).toBe(false);
    manifest(WEIGHTS);
    expect((await running.finished).status).toBe(0);
  });
});

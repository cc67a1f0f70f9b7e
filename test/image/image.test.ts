import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { PATHS, PORTS } from "../../app/src/contract/endpoints";
import { installed } from "../../testing/installed";
import { Buildah, type ImageConfig } from "./buildah";

const REPOSITORY = join(__dirname, "../..");
const REQUIRED = process.env.TERRACE_REQUIRE_TOOLS === "1";
const missing = ["buildah", "debootstrap", "unshare", "chroot"].filter((program) => !installed(program));
if (process.getuid?.() !== 0) missing.push("root's rights");
const runs = missing.length === 0 || REQUIRED;
if (!runs)
  process.stderr.write(`The container image was not built and not tested: this machine lacks ${missing.join(", ")}.\n`);

/** Outside the repository, whose tools would look through a whole operating system otherwise. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "terrace/image-base");

const IMAGE = "localhost/terrace-app:test";
const FAT_IMAGE = "localhost/terrace-app-with-weights:test";
/** What the image runs on: CI names the Node of the deployed image, and elsewhere it is the one that runs this test. */
const NODE = process.env.TERRACE_IMAGE_NODE ?? process.execPath;
/** Milliseconds for the first base system over a slow line. */
const BUILD_TIMEOUT_MS = 600_000;

/**
 * Starts a command in an image as a container runtime would: as the image's user, in its folder, with its environment,
 * on a root that cannot be written. (buildah's own `run` offers no read-only root.)
 */
function startIn(
  root: string,
  config: ImageConfig,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const script = [
    `root=$0 user=$1 folder=$2`,
    `shift 2`,
    `mount --bind "$root" "$root"`,
    `mount -t proc proc "$root/proc"`,
    `mount -o remount,bind,ro "$root"`,
    `exec chroot --userspec="$user" "$root" /usr/bin/env -i -C "$folder" "$@"`,
  ].join("\n");
  const variables = [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  return spawn(
    "unshare",
    ["--mount", "sh", "-ec", script, root, config.User, config.WorkingDir, ...variables, ...command],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
}

/** Everything that a process writes until it ends, and its exit code. */
async function finished(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (data: string) => {
    text += data;
  });
  child.stderr?.setEncoding("utf8").on("data", (data: string) => {
    text += data;
  });
  const [code]: unknown[] = await once(child, "close");
  return { code: typeof code === "number" ? code : null, text };
}

(runs ? describe : describe.skip)("the container image", () => {
  const buildah = new Buildah(CACHE);
  let folder = "";
  let config: ImageConfig;
  let container: Awaited<ReturnType<Buildah["mount"]>>;

  beforeAll(async () => {
    expect(missing).toEqual([]);
    folder = mkdtempSync(join(tmpdir(), "terrace-image-"));
    const context = join(folder, "context");
    mkdirSync(join(context, "app"), { recursive: true });
    for (const name of ["bin", "package.json", "Dockerfile", "Dockerfile.dockerignore"]) {
      cpSync(join(REPOSITORY, "app", name), join(context, "app", name), { recursive: true });
    }
    execFileSync(process.execPath, [join(REPOSITORY, "app/build.mjs"), join(context, "app/dist")]);
    // Must not get into the image.
    writeFileSync(join(context, "secret.txt"), "");
    writeFileSync(join(context, "app/.env"), "");
    mkdirSync(join(folder, "weights/gemma"), { recursive: true });
    writeFileSync(join(folder, "weights/gemma/model.safetensors"), "weights");

    const buildArgs = { BASE_IMAGE: await buildah.base(NODE), BUNDLE: "prebuilt", REVISION: "test" };
    await buildah.build({ context, target: "app", tag: IMAGE, buildArgs });
    const contexts = { weights: join(folder, "weights") };
    await buildah.build({ context, target: "app-with-weights", tag: FAT_IMAGE, buildArgs, contexts });
    config = await buildah.config(IMAGE);
    container = await buildah.mount(IMAGE);
  }, BUILD_TIMEOUT_MS);

  afterAll(async () => {
    // The store is this test's own: also what a broken build left behind goes.
    await buildah.run("rm", "--all");
    // The vfs driver keeps a full copy of the root for each image; the base alone is worth keeping.
    await buildah.run("rmi", "--force", IMAGE, FAT_IMAGE);
    await buildah.run("rmi", "--prune");
    rmSync(folder, { recursive: true, force: true });
  }, BUILD_TIMEOUT_MS);

  it("is configured to run as one process that is not root, with a health check, stopped by SIGTERM", () => {
    expect(config.User).toBe("10001:10001");
    expect(config.Entrypoint).toEqual(["node", "bin/terrace-app.cjs"]);
    expect(config.Healthcheck.Test).toEqual(["CMD", "node", "bin/healthcheck.cjs"]);
    expect(config.StopSignal).toBe("SIGTERM");
    expect(Object.keys(config.ExposedPorts)).toEqual([`${PORTS.gateway}/tcp`]);
    expect(config.Labels).toMatchObject({
      "org.opencontainers.image.title": "Terrace gateway",
      "org.opencontainers.image.revision": "test",
    });
  });

  it("holds the bundle and nothing else of the repository", () => {
    expect(existsSync(join(container.root, "app/dist/main.js"))).toBe(true);
    for (const name of ["app/src", "app/node_modules", "app/.env", "secret.txt", "models"]) {
      expect({ name, exists: existsSync(join(container.root, name)) }).toEqual({ name, exists: false });
    }
  });

  it("answers /healthz as its user on a root that cannot be written, and stops on SIGTERM", async () => {
    const probe =
      "try { require('fs').writeFileSync('/tmp/x', '') } catch (error) { console.log(process.getuid(), error.code) }";
    expect(await finished(startIn(container.root, config, ["node", "-e", probe]))).toEqual({
      code: 0,
      text: "10001 EROFS\n",
    });

    const child = startIn(container.root, config, config.Entrypoint, { PORT: "0" });
    const end = finished(child);
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.on("data", (data: string) => {
        const match = /listening on http:\/\/localhost:(\d+)/.exec(data);
        if (match?.[1] !== undefined) resolve(match[1]);
      });
      void end.then(({ text }) => reject(new Error(text)));
    });
    try {
      const url = `http://127.0.0.1:${port}`;
      while ((await fetch(url + PATHS.healthz)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const path of ["/", PATHS.docs, `${PATHS.docs}/swagger-ui.css`])
        expect((await fetch(url + path)).status).toBe(200);
      const [, ...check] = config.Healthcheck.Test;
      expect((await finished(startIn(container.root, config, check, { PORT: port }))).code).toBe(0);
      child.kill("SIGTERM");
      expect((await end).code).toBe(0);
      expect((await finished(startIn(container.root, config, check, { PORT: port }))).code).toBe(1);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("with weights equals the image with /models added", async () => {
    expect(await buildah.config(FAT_IMAGE)).toEqual(config);
    const fat = await buildah.mount(FAT_IMAGE);
    try {
      expect(existsSync(join(fat.root, "models/gemma/model.safetensors"))).toBe(true);
      expect(existsSync(join(fat.root, "app/dist/main.js"))).toBe(true);
    } finally {
      await fat.remove();
    }
  });
});

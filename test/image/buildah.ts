import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runWithProgress, standardOutput } from "./run-program";

/** Debian's stable release that the default base image is made of too. */
const SUITE = "bookworm";
const MIRROR = "http://deb.debian.org/debian";

/** Folders of a base system that no program reads. Copied with every layer, since the vfs driver shares nothing. */
const UNREAD = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
  "usr/share/info",
  "var/cache/apt",
  "var/lib/apt/lists",
];

const imageSchema = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string(),
      Env: z.array(z.string()),
      Entrypoint: z.array(z.string()),
      WorkingDir: z.string(),
      StopSignal: z.string(),
      ExposedPorts: z.record(z.string(), z.unknown()),
      Labels: z.record(z.string(), z.string()),
      Healthcheck: z.object({ Test: z.array(z.string()) }),
    }),
  }),
});

export type ImageConfig = z.output<typeof imageSchema>["Docker"]["config"];

/** buildah with a store of its own, so that it neither sees nor leaves anything elsewhere. Needs root, but no daemon. */
export class Buildah {
  readonly #folder: string;

  /** @param folder where the store and the base system are kept between runs */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  #store(): string[] {
    return ["--storage-driver", "vfs", "--root", join(this.#folder, "store"), "--runroot", join(this.#folder, "run")];
  }

  run(command: string, ...args: string[]): Promise<string> {
    return standardOutput("buildah", [...this.#store(), command, ...args]);
  }

  async has(image: string): Promise<boolean> {
    const found = await this.run("images", "--quiet", "--filter", `reference=${image}`);
    return found !== "";
  }

  /**
   * A base image of Debian and Node, made once: a minute at first, then kept.
   * @param node the program
   * @returns its name
   */
  async base(node: string): Promise<string> {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    const image = `localhost/terrace-base:${SUITE}-node-${version}`;
    if (await this.has(image)) return image;
    const root = join(this.#folder, SUITE);
    if (!existsSync(join(root, "etc/debian_version"))) {
      const making = `${root}.making`;
      rmSync(making, { recursive: true, force: true });
      await runWithProgress(
        "debootstrap",
        ["--variant=minbase", "--include=libstdc++6", SUITE, making, MIRROR],
        "base system",
      );
      for (const folder of UNREAD) rmSync(join(making, folder), { recursive: true, force: true });
      await standardOutput("mv", [making, root]);
    }
    const container = await this.run("from", "scratch");
    await this.run("copy", "--quiet", container, root, "/");
    await this.run("copy", "--quiet", container, node, "/usr/local/bin/node");
    await this.run("commit", "--quiet", "--rm", container, image);
    return image;
  }

  /** Builds a target of a Dockerfile. The OCI format would lose its HEALTHCHECK. */
  async build(options: {
    readonly context: string;
    readonly target: string;
    readonly tag: string;
    readonly buildArgs: Readonly<Record<string, string>>;
    readonly contexts?: Readonly<Record<string, string>>;
  }): Promise<void> {
    const { context, target, tag } = options;
    const pairs = (flag: string, values: Readonly<Record<string, string>> = {}) =>
      Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
    const args = [
      ...this.#store(),
      "build",
      ...["--isolation", "chroot", "--format", "docker", "--pull-never", "--layers=false"],
      ...["--file", join(context, "app/Dockerfile"), "--ignorefile", join(context, "app/Dockerfile.dockerignore")],
      ...["--target", target, "--tag", tag],
      ...pairs("--build-arg", options.buildArgs),
      ...pairs("--build-context", options.contexts),
      context,
    ];
    await runWithProgress("buildah", args, `image ${target}`);
  }

  async config(image: string): Promise<ImageConfig> {
    return imageSchema.parse(JSON.parse(await this.run("inspect", "--type", "image", image))).Docker.config;
  }

  /** A container's root folder on this machine, and how to give it back. */
  async mount(image: string): Promise<{ readonly root: string; readonly remove: () => Promise<void> }> {
    const container = await this.run("from", "--pull-never", image);
    const root = await this.run("mount", container);
    return {
      root,
      remove: async () => {
        await this.run("rm", container);
      },
    };
  }
}

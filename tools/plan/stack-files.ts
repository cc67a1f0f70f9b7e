import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** One synthesized stack on disk. */
export interface StackFile {
  /** `<environment>-<kind>`. */
  readonly id: string;
  /** Its Terraform JSON. */
  readonly path: string;
  /** Local names of the providers that it requires. */
  readonly providers: readonly string[];
}

const manifest = z.object({ stacks: z.record(z.string(), z.object({ synthesizedStackPath: z.string() })) });
const configuration = z.object({ terraform: z.object({ required_providers: z.record(z.string(), z.unknown()) }) });

/** The stacks of an environment in a folder that `cdktf synth` wrote, in its order; empty for an unknown environment. */
export function stackFiles(outdir: string, environment: string): readonly StackFile[] {
  const { stacks } = manifest.parse(readJson(join(outdir, "manifest.json")));
  return Object.entries(stacks)
    .filter(([id]) => id.startsWith(`${environment}-`))
    .map(([id, { synthesizedStackPath }]) => {
      const path = join(outdir, synthesizedStackPath);
      const { terraform } = configuration.parse(readJson(path));
      return { id, path, providers: Object.keys(terraform.required_providers) };
    });
}

/** Names of the environments in such a folder. */
export function environmentsIn(outdir: string): readonly string[] {
  const { stacks } = manifest.parse(readJson(join(outdir, "manifest.json")));
  return [...new Set(Object.keys(stacks).map((id) => id.slice(0, id.indexOf("-"))))];
}

/** Providers that read from the cluster while they plan. */
const CLUSTER_PROVIDERS: readonly string[] = ["kubernetes", "helm"];

/** Why a stack cannot be planned where there is no cluster; `undefined` where it can. */
export function needsCluster({ providers }: StackFile): string | undefined {
  const cluster = providers.filter((provider) => CLUSTER_PROVIDERS.includes(provider));
  return cluster.length === 0 ? undefined : `needs a cluster: uses the ${cluster.join(" and ")} provider`;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

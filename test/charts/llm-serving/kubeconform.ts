import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { KubernetesSchemas } from "./kubernetes-schemas";

const report = z.object({ resources: z.array(z.object({ filename: z.string(), name: z.string(), msg: z.string() })) });

/**
 * Checks sets of manifests against the schemas, strictly, in one run.
 * @returns what is wrong with each set, by its name; nothing where all is well
 */
export function kubeconform(sets: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "manifests-"));
  const schemas = new KubernetesSchemas();
  try {
    const names = [...sets.keys()];
    const file = (index: number) => join(folder, `${index}.yaml`);
    for (const [index, name] of names.entries()) writeFileSync(file(index), sets.get(name) ?? "");
    const options = ["-strict", "-output", "json", "-schema-location", schemas.location];
    const { stdout } = spawnSync("kubeconform", [...options, ...names.map((_, index) => file(index))], {
      encoding: "utf8",
    });
    const { resources } = report.parse(JSON.parse(stdout));
    const of = (index: number) => resources.filter(({ filename }) => filename === file(index));
    return new Map(names.map((name, index) => [name, of(index).map(({ name: object, msg }) => `${object}: ${msg}`)]));
  } finally {
    schemas.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const cdktfJson = z.object({ app: z.string() });
const manifest = z.object({
  stacks: z.record(z.string(), z.object({ synthesizedStackPath: z.string(), dependencies: z.array(z.string()) })),
});
type Manifest = z.output<typeof manifest>;
const stack = z.object({ resource: z.record(z.string(), z.record(z.string(), z.unknown())).default({}) });

/** A synthesized stack and how many resources it holds. */
export interface SynthesizedStack {
  /** `<environment>-<kind>`. */
  readonly id: string;
  readonly resources: number;
}

/** Where Terraform JSON goes, as for the cdktf command. */
const OUTPUT_FOLDER = "cdktf.out";

/**
 * Runs the app command of cdktf.json, as the cdktf command would, without that command's own 4 s.
 * @returns whether it succeeded; it has printed its own errors where not.
 */
export function runSynthesis(root: string): boolean {
  const { app } = cdktfJson.parse(readJson(join(root, "cdktf.json")));
  const { status } = spawnSync("sh", ["-c", app], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  return status === 0;
}

/** The stacks that the last synthesis wrote, in the order in which they are applied. */
export function synthesizedStacks(root: string): readonly SynthesizedStack[] {
  const { stacks } = manifest.parse(readJson(join(root, OUTPUT_FOLDER, "manifest.json")));
  const inOrder = Object.entries(stacks).sort(([a], [b]) => depth(stacks, a) - depth(stacks, b));
  return inOrder.map(([id, { synthesizedStackPath }]) => {
    const { resource } = stack.parse(readJson(join(root, OUTPUT_FOLDER, synthesizedStackPath)));
    const resources = Object.values(resource).reduce((sum, instances) => sum + Object.keys(instances).length, 0);
    return { id, resources };
  });
}

/** How many stacks must be applied one after another before this one. */
function depth(stacks: Manifest["stacks"], id: string): number {
  return Math.max(0, ...(stacks[id]?.dependencies ?? []).map((dependency) => 1 + depth(stacks, dependency)));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

import { load } from "js-yaml";
import { z } from "zod";
import { blocksAt, type JsonObject, textAt } from "./json";

const cloudConfig = z.object({
  write_files: z.array(z.object({ path: z.string(), content: z.string() })).default([]),
});

/** Files that cloud-init writes on a machine, by path; empty where the machine has no user-data. */
export function bootFiles(machine: JsonObject): ReadonlyMap<string, string> {
  const [metadata] = blocksAt(machine, "metadata");
  const userData = metadata && textAt(metadata, "user-data");
  if (userData === undefined) return new Map();
  const { write_files } = cloudConfig.parse(load(userData));
  return new Map(write_files.map(({ path, content }) => [path, content]));
}

/** The value of a variable in an environment file, without its quotes; `undefined` where it is not set. */
export function variableIn(environmentFile: string | undefined, name: string): string | undefined {
  return new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(environmentFile ?? "")?.[1];
}

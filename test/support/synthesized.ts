import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, type JsonObject, parseObject, textAt, textsAt } from "./json";
import type { EnvironmentView, StackView } from "./stack-view";

/** Name of the variable that holds the folder with the synthesized environments. */
export const SYNTHESIZED = "SYNTHESIZED_STACKS";

/**
 * An environment as it was synthesized before the tests.
 * @throws Error with the reason where its synthesis failed.
 */
export function environment(name: string): EnvironmentView {
  const read = READ.get(name) ?? readEnvironment(name, synthesizedFolder(name));
  READ.set(name, read);
  return read;
}

/** Reading is a good part of a test's time, and nothing changes what was read. */
const READ = new Map<string, EnvironmentView>();

/** The folder that `environment` reads, as `cdktf synth` writes it. @throws Error as `environment` does. */
export function synthesizedFolder(name: string): string {
  const root = process.env[SYNTHESIZED];
  if (root === undefined) throw new Error(`${SYNTHESIZED} is unset: run this test through its jest project`);
  const failure = join(root, `${name}.error`);
  if (existsSync(failure)) throw new Error(`synthesizing ${name} failed: ${readFileSync(failure, "utf8")}`);
  return join(root, name);
}

/** Reads what `cdktf synth` wrote into a folder. */
export function readEnvironment(name: string, outdir: string): EnvironmentView {
  const manifest = parseObject(readFileSync(join(outdir, "manifest.json"), "utf8"));
  const entries = isObject(manifest.stacks) ? Object.values(manifest.stacks).filter((entry) => isObject(entry)) : [];
  return { name, stacks: inOrderOfApplication(entries.map((entry) => readStack(outdir, entry))) };
}

function readStack(outdir: string, entry: JsonObject): StackView {
  const id = textAt(entry, "name") ?? "";
  return {
    id,
    kind: id.slice(id.indexOf("-") + 1),
    dependencies: textsAt(entry, "dependencies"),
    config: parseObject(readFileSync(join(outdir, textAt(entry, "synthesizedStackPath") ?? ""), "utf8")),
  };
}

/** Each stack after those that it depends on. @throws Error on a cycle or an unknown stack. */
function inOrderOfApplication(stacks: readonly StackView[]): readonly StackView[] {
  const ordered: StackView[] = [];
  const pending = new Set(stacks);
  while (pending.size > 0) {
    const next = [...pending].find((stack) =>
      stack.dependencies.every((id) => ordered.some((earlier) => earlier.id === id)),
    );
    if (next === undefined) {
      throw new Error(`no order of application: ${[...pending].map((stack) => stack.id).join(", ")}`);
    }
    pending.delete(next);
    ordered.push(next);
  }
  return ordered;
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a synthesis holds, whatever it means. */
export interface SynthesisSize {
  /** Provider submodules that are loaded, such as `@cdktf/provider-google/lib/compute-instance`. */
  readonly submodules: readonly string[];
  /** Resources of each stack. */
  readonly resourcesByStack: readonly number[];
}

/** The provider submodules that the compiled program loads. */
export function submodulesOf(buildFolder: string): readonly string[] {
  const sources = readdirSync(buildFolder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".js"),
  );
  const loaded = sources.flatMap((path) => {
    const text = readFileSync(join(buildFolder, path), "utf8");
    return [...text.matchAll(/require\("(@cdktf\/provider-[^"]+)"\)/g)].map((match) => match[1] ?? "");
  });
  return [...new Set(loaded)].sort();
}

/** Has one required string, and no nested block: https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/project_service */
const CHEAP = { submodule: "@cdktf/provider-google/lib/project-service", className: "ProjectService" };

/** A program that does with cdktf as little as one can and still emit so much. */
export function floorProgram({ submodules, resourcesByStack }: SynthesisSize): string {
  return `"use strict";
const { App, TerraformStack } = require("cdktf");
${submodules.map((submodule) => `require(${JSON.stringify(submodule)});`).join("\n")}
const { GoogleProvider } = require("@cdktf/provider-google/lib/provider");
const { ${CHEAP.className} } = require("${CHEAP.submodule}");
const app = new App();
${JSON.stringify(resourcesByStack)}.forEach((resources, index) => {
  const stack = new TerraformStack(app, "stack-" + index);
  new GoogleProvider(stack, "google", { project: "project", region: "region" });
  for (let i = 0; i < resources; i++) {
    new ${CHEAP.className}(stack, "resource-" + i, { service: "compute.googleapis.com" });
  }
});
app.synth();
`;
}

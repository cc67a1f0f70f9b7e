import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { TerraformStack, Testing } from "cdktf";
import type { Construct } from "constructs";
import { Template } from "../support/template";

/** What a stack looks like that holds only what `build` adds. */
export function templateOf(build: (scope: Construct) => void): Template {
  const stack = new TerraformStack(Testing.app(), "stack");
  new GoogleProvider(stack, "google", { project: "project" });
  build(stack);
  return Template.ofStack(stack);
}

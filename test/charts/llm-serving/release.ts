/** Values of the stack's release, for the settings of an environment. */

import { Release } from "@cdktf/provider-helm/lib/release";
import { Testing } from "cdktf";
import { environmentOf } from "../../../environment/environment";
import type { Settings } from "../../../settings/schema/settings";
import { GkeServingStack } from "../../../stacks/gke-serving";
import { type JsonObject, textsAt } from "../../support/json";
import { Template } from "../../support/template";
import { parseYaml } from "./helm";

/** The one release of the stack. */
export function releaseOf(settings: Settings): JsonObject {
  const template = Template.ofStack(new GkeServingStack(Testing.app(), environmentOf(settings)));
  const [release] = template.resources(Release);
  if (release === undefined) throw new Error("the stack has no release");
  return release.body;
}

/** The values that it gives the chart. */
export function stackValues(settings: Settings): JsonObject {
  const [values] = textsAt(releaseOf(settings), "values");
  if (values === undefined) throw new Error("the release has no values");
  return parseYaml(values);
}

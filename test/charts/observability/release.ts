/** Values of the stack's release of `charts/observability`, for the settings of an environment. */
import { Release } from "@cdktf/provider-helm/lib/release";
import { Testing } from "cdktf";
import { environmentOf } from "../../../environment/environment";
import type { Settings } from "../../../settings/schema/settings";
import { GkePlatformStack } from "../../../stacks/gke-platform";
import { type JsonObject, textAt, textsAt } from "../../support/json";
import { Template } from "../../support/template";
import { parseYaml } from "../llm-serving/helm";

/** @throws Error where the stack has no such release. */
export function observabilityOf(settings: Settings): JsonObject {
  const template = Template.ofStack(new GkePlatformStack(Testing.app(), environmentOf(settings)));
  const release = template.resources(Release).find(({ body }) => textAt(body, "name") === "observability");
  const [values] = release === undefined ? [] : textsAt(release.body, "values");
  if (values === undefined) throw new Error("the stack has no release observability with values");
  return parseYaml(values);
}

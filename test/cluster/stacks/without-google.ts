/** Stacks as far as they are about the cluster: without Google's resources, which need a project. */
import { isList, isObject, type Json, type JsonObject } from "../../support/json";

/** In place of a value that only Google knows. */
const UNKNOWN = "left out of this test";
const GOOGLE_REFERENCE = /\$\{[^}]*\bgoogle_[a-z_]+\./;
const GOOGLE_ADDRESS = /^(?:data\.)?google_/;

/** Seconds for what gets ready, in place of the stacks' quarter of an hour and more. */
const TIMEOUT = 120;

/** What waits for pods, and how long. */
const IMPATIENT: Readonly<Record<string, JsonObject>> = {
  helm_release: { timeout: TIMEOUT },
  kubernetes_deployment_v1: { timeouts: { create: `${TIMEOUT}s` } },
};

/** @param kubeconfig of the cluster that it is applied to, in place of the one that it looks up */
export function withoutGoogle(stack: JsonObject, kubeconfig: string): JsonObject {
  const { google: _, ...providers } = objectAt(objectAt(stack, "terraform"), "required_providers");
  const access = { config_path: kubeconfig };
  return {
    terraform: { required_providers: providers },
    provider: { kubernetes: [access], helm: [{ helm_driver: "configmap", kubernetes: access }] },
    data: ofOtherTypes(objectAt(stack, "data")),
    resource: ofOtherTypes(objectAt(stack, "resource")),
  };
}

function ofOtherTypes(byType: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(byType)
      .filter(([type]) => !GOOGLE_ADDRESS.test(type))
      .map(([type, resources]) => [type, withAttributes(known(resources), IMPATIENT[type] ?? {})]),
  );
}

function withAttributes(resources: Json, attributes: JsonObject): Json {
  if (!isObject(resources)) return resources;
  return Object.fromEntries(
    Object.keys(resources).map((name) => [name, { ...objectAt(resources, name), ...attributes }]),
  );
}

/** A value without references to Google's resources. */
function known(value: Json): Json {
  if (typeof value === "string") return GOOGLE_REFERENCE.test(value) ? UNKNOWN : value;
  if (isList(value)) {
    return value.filter((item) => typeof item !== "string" || !GOOGLE_ADDRESS.test(item)).map((item) => known(item));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, known(item)]));
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

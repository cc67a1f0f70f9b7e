/** Definitions of the custom resources that the charts make, from the same schemas as the charts' other tests. */
import { z } from "zod";
import { CUSTOM_RESOURCES } from "../charts/llm-serving/custom-resources";
import { isList, isObject, type Json, type JsonObject, parseObject } from "../support/json";

/** @param group of the API. @default all */
export function customResourceDefinitions(group?: string): readonly object[] {
  return Object.values(CUSTOM_RESOURCES)
    .map((schema) => definition(parseObject(JSON.stringify(z.toJSONSchema(schema, { target: "openapi-3.0" })))))
    .filter(({ spec }) => group === undefined || spec.group === group);
}

function definition(schema: JsonObject) {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const [group = "", version = ""] = literal(properties.apiVersion).split("/");
  const kind = literal(properties.kind);
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, singular, plural },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { ...structural(properties), metadata: { type: "object" } },
            },
          },
        },
      ],
    },
  };
}

function literal(schema: Json | undefined): string {
  if (!isObject(schema)) return "";
  const [only] = isList(schema.enum) ? schema.enum : [];
  return typeof only === "string" ? only : "";
}

/**
 * As definitions write schemas: unknown fields are pruned, or refused by strict validation, wherever properties are named,
 * so `additionalProperties: false` is implied and not allowed.
 */
function structural(schema: JsonObject): JsonObject;
function structural(schema: Json): Json;
function structural(schema: Json): Json {
  if (isList(schema)) return schema.map((item) => structural(item));
  if (!isObject(schema)) return schema;
  const kept = Object.entries(schema).filter(
    ([key, value]) =>
      key !== "$schema" && key !== "propertyNames" && !(key === "additionalProperties" && value === false),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, structural(value)]));
}

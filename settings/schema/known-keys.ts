import { z } from "zod";

/** The keys that the schema knows at a path; empty where the path leads to no object. */
export function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  return objectsAt(schema, path).flatMap((object) => Object.keys(object.shape));
}

function objectsAt(schema: z.core.$ZodType, [key, ...rest]: readonly PropertyKey[]): z.ZodObject[] {
  return unwrap(schema).flatMap((inner): z.ZodObject[] => {
    if (inner instanceof z.ZodArray) return key === undefined ? [] : objectsAt(inner.element, rest);
    if (!(inner instanceof z.ZodObject)) return [];
    if (key === undefined) return [inner];
    const field = inner.shape[String(key)];
    return field === undefined ? [] : objectsAt(field, rest);
  });
}

/** The schemas behind defaults, options and unions. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrap(schema.def.innerType);
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  return [schema];
}

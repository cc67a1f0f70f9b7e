/** Questions to rendered manifests. */
import { blocksAlong, blocksAt, isObject, type JsonObject, textAt } from "../../support/json";

export function objectKind(object: JsonObject): string {
  return textAt(object, "kind") ?? "";
}

export function objectName(object: JsonObject): string {
  return blocksAt(object, "metadata").flatMap((metadata) => textAt(metadata, "name") ?? [])[0] ?? "";
}

/** The object at a path of keys; empty where there is none. */
export function at(object: JsonObject, ...path: readonly string[]): JsonObject {
  return blocksAlong(object, ...path)[0] ?? {};
}

/** The objects of a kind. */
export function ofKind(objects: readonly JsonObject[], kind: string): readonly JsonObject[] {
  return objects.filter((object) => objectKind(object) === kind);
}

/** The one object of this kind and name. @throws Error where there is none. */
export function find(objects: readonly JsonObject[], kind: string, name: string): JsonObject {
  const found = ofKind(objects, kind).find((object) => objectName(object) === name);
  if (found === undefined)
    throw new Error(`no ${kind} ${name}; there are ${ofKind(objects, kind).map(objectName).join(", ")}`);
  return found;
}

/** A pod's specification, with its labels, and the object that owns it. */
export interface PodTemplate {
  /** `<kind> <name>`. */
  readonly owner: string;
  readonly labels: JsonObject;
  readonly spec: JsonObject;
}

/** Where each kind has its pods. */
const POD_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** Every pod that the objects describe. */
export function podTemplates(objects: readonly JsonObject[]): readonly PodTemplate[] {
  return objects.flatMap((object) => {
    const path = POD_PATHS[objectKind(object)];
    if (path === undefined) return [];
    const pod = path.length === 0 ? object : at(object, ...path);
    return [
      {
        owner: `${objectKind(object)} ${objectName(object)}`,
        labels: at(pod, "metadata", "labels"),
        spec: at(pod, "spec"),
      },
    ];
  });
}

/** Containers and init containers. */
export function containersOf({ spec }: PodTemplate): readonly JsonObject[] {
  return [...blocksAt(spec, "containers"), ...blocksAt(spec, "initContainers")];
}

/** A container by name. @throws Error where there is none. */
export function container(pod: PodTemplate, name: string): JsonObject {
  const found = containersOf(pod).find((candidate) => textAt(candidate, "name") === name);
  if (found === undefined) throw new Error(`${pod.owner} has no container ${name}`);
  return found;
}

/** Whether a label selector's `matchLabels`, or a Service's selector, selects these labels. */
export function matchesLabels(selector: JsonObject, labels: JsonObject): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** The environment of a container. */
export function variablesOf(of: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    blocksAt(of, "env").map((entry) => [textAt(entry, "name") ?? "", textAt(entry, "value") ?? ""]),
  );
}

/** A deep copy in which one value is another. @throws Error where the path leads nowhere. */
export function withValue(object: JsonObject, path: readonly string[], value: JsonObject[string]): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) throw new Error("an empty path");
  if (rest.length === 0) return { ...object, [key]: value };
  const inner = object[key];
  return { ...object, [key]: withValue(isObject(inner) ? inner : {}, rest, value) };
}

import { createHash } from "node:crypto";
import { dump } from "js-yaml";
import { isList, isObject, type Json, type JsonObject } from "./json";
import { bootFiles } from "./user-data";

/** Digits of a digest that are enough to see that something changed. */
const DIGEST_LENGTH = 12;

/**
 * A stack as text for a snapshot: keys in order, without cdktf's metadata, and with what a machine is told at boot
 * and in its configuration reduced to the list of files, each with a digest. (The texts themselves have tests of their own.)
 */
export function normalised(config: JsonObject): string {
  return dump(inOrder(withSummaries(config)), { lineWidth: -1, noRefs: true });
}

/** A text that nobody reads in a snapshot: rules and dashboards as a release's values. */
const LONG_TEXT = 20_000;

function inOrder(value: Json): Json {
  if (typeof value === "string" && value.length > LONG_TEXT) return digest(value);
  if (isList(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).filter((key) => key !== "//");
  return Object.fromEntries(keys.sort().map((key) => [key, inOrder(value[key] ?? null)]));
}

function withSummaries(value: Json): Json {
  if (isList(value)) return value.map(withSummaries);
  if (!isObject(value)) return value;
  const copy = Object.entries(value).map(([key, item]) => [key, withSummaries(item)] as const);
  const { metadata } = value;
  if (!isObject(metadata) || typeof metadata["user-data"] !== "string") return Object.fromEntries(copy);
  const digested = Object.entries(metadata).map(([key, text]) => [key, isConfiguration(key) ? digest(text) : text]);
  return { ...Object.fromEntries(copy), metadata: { ...Object.fromEntries(digested), "user-data": summary(value) } };
}

/** Files that a machine's boot script finds in its metadata; the index of them is no file. */
function isConfiguration(key: string): boolean {
  return key.startsWith("config-") && key !== "config-files";
}

function summary(machine: JsonObject): Json {
  return Object.fromEntries([...bootFiles(machine)].map(([path, content]) => [path, digest(content)]));
}

function digest(text: Json): string {
  return createHash("sha256").update(String(text)).digest("hex").slice(0, DIGEST_LENGTH);
}

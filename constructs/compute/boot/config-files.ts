/** Terraform changes metadata in place; `config.sh` writes each key's file and signals its readers. */
import { MAX_METADATA_VALUE_BYTES } from "./cloud-config";

/** Of all keys together. https://cloud.google.com/compute/docs/metadata/setting-custom-metadata */
export const MAX_METADATA_BYTES = 512 * 1024;

/** Maps keys to files, for `config.sh`. */
const INDEX_KEY = "config-files";

/** Of a key. Same source as {@link MAX_METADATA_BYTES}. */
const MAX_KEY_LENGTH = 127;

/** As `config.sh` accepts it. */
const PATH = /^[a-z0-9][a-z0-9/._-]*$/;

function keyOf(path: string): string {
  return `config-${path.replaceAll(/[^a-z0-9_-]/g, "-")}`;
}

/**
 * @param userDataBytes room that the user data takes
 * @throws RangeError where a path cannot be one, or metadata would be too large; names the largest file
 */
export function configMetadata(
  files: Readonly<Record<string, string>>,
  userDataBytes: number,
): Readonly<Record<string, string>> {
  const paths = Object.keys(files).sort();
  const metadata: Record<string, string> = {
    [INDEX_KEY]: paths.map((path) => `${keyOf(path)} ${path}\n`).join(""),
  };
  for (const path of paths) {
    const key = keyOf(path);
    if (!PATH.test(path) || path.includes("..") || key.length > MAX_KEY_LENGTH || key in metadata) {
      throw new RangeError(`${path} cannot be the path of a configuration file, or has the key of another (${key})`);
    }
    metadata[key] = files[path] ?? "";
  }
  checkSize(metadata, userDataBytes);
  return metadata;
}

function checkSize(metadata: Readonly<Record<string, string>>, userDataBytes: number): void {
  const sizes = Object.entries(metadata).map(([key, value]) => ({ key, bytes: Buffer.byteLength(value) }));
  const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, userDataBytes);
  const most = sizes.slice(0, 3).map((size) => `${size.key} (${size.bytes})`);
  if (bytes > MAX_METADATA_BYTES || (largest?.bytes ?? 0) > MAX_METADATA_VALUE_BYTES) {
    throw new RangeError(
      `the configuration and the user data take ${bytes} bytes, metadata holds ${MAX_METADATA_BYTES}, ` +
        `and ${MAX_METADATA_VALUE_BYTES} under one key; the largest are ${most.join(", ")}`,
    );
  }
}

import { dump } from "js-yaml";
import { renderUnit, type SystemdUnit } from "./systemd";

/** `/etc` is empty at every boot of COS; cloud-init writes it anew. */
export interface BootFile {
  /** In `/etc`: what is under `/var` would outlive its removal from here. */
  readonly path: string;
  readonly content: string;
}

export interface CloudConfig {
  readonly files: readonly BootFile[];
  readonly units: readonly SystemdUnit[];
  /** Started at the end of every boot. */
  readonly target: string;
}

/** Of one key. https://cloud.google.com/compute/docs/metadata/setting-custom-metadata */
export const MAX_METADATA_VALUE_BYTES = 256 * 1024;

/** Containers read as users of their own. No secret goes through metadata. */
const PERMISSIONS = "0644";

function fileSizes(files: readonly BootFile[]): string {
  const sizes = files.map(({ path, content }) => ({ path, bytes: Buffer.byteLength(content) }));
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  return largest.map(({ path, bytes }) => `${path} (${bytes})`).join(", ");
}

/**
 * The value of `user-data`. The target starts without waiting: a long download must not hold up the boot.
 * @throws RangeError where two files have one path, or the text exceeds a metadata value.
 */
export function cloudConfig(config: CloudConfig): string {
  const units = config.units.map((unit) => ({ path: `/etc/systemd/system/${unit.name}`, content: renderUnit(unit) }));
  const files = [...config.files, ...units];
  const seen = new Set<string>();
  for (const { path } of files) {
    if (!path.startsWith("/etc/") || seen.has(path)) throw new RangeError(`${path} is outside /etc or written twice`);
    seen.add(path);
  }
  const document = {
    write_files: files.map(({ path, content }) => ({ path, permissions: PERMISSIONS, owner: "root:root", content })),
    runcmd: [
      ["systemctl", "daemon-reload"],
      ["systemctl", "start", "--no-block", config.target],
    ],
  };
  const text = `#cloud-config\n${dump(document, { lineWidth: -1, noRefs: true })}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_METADATA_VALUE_BYTES) {
    throw new RangeError(
      `user data takes ${bytes} bytes, metadata holds ${MAX_METADATA_VALUE_BYTES}; the largest files are ${fileSizes(files)}`,
    );
  }
  return text;
}

/** Shell's `${` and `%{` would begin a template in Terraform. */
export function terraformLiteral(text: string): string {
  return text.replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);
}

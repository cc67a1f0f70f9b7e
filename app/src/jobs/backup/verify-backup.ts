import type { Manifest } from "./manifest";
import { bytesOf, partsOf } from "./manifest";
import type { Parts } from "./parts";
import { megabytes, type Report } from "./report";

/**
 * Reads every part of a backup: its size, its SHA-256, and of lines their number and that each is a JSON object.
 * @throws DamagedPartError or BackupError for the first that differs from the manifest
 */
export async function verifyParts(manifest: Manifest, parts: Parts, report: Report): Promise<void> {
  for (const part of partsOf(manifest)) {
    if ("lines" in part) await parts.readLines(part, readToTheEnd);
    else await readToTheEnd(parts.read(part));
  }
  report.line(`  ${partsOf(manifest).length} parts verified, ${megabytes(bytesOf(manifest))}`);
}

async function readToTheEnd(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

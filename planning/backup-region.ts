/**
 * Region → where its backups go: a neighbour on the same continent, for restore time and traffic cost. Korea has one
 * region, so Seoul's is Tokyo. Regions: https://cloud.google.com/about/locations.
 */
const BACKUP_REGIONS: Readonly<Record<string, string>> = {
  "asia-northeast1": "asia-northeast2",
  "asia-northeast3": "asia-northeast1",
  "asia-southeast1": "asia-southeast2",
  "europe-west1": "europe-west4",
  "europe-west4": "europe-west1",
  "us-central1": "us-east1",
  "us-east1": "us-central1",
  "us-east4": "us-central1",
  "us-west1": "us-central1",
};

/** @throws RangeError naming the regions that have a backup region. */
export function backupRegion(region: string): string {
  const backup = BACKUP_REGIONS[region];
  if (backup === undefined) {
    throw new RangeError(
      `Region "${region}" has no backup region; planning/backup-region.ts has ${backedUpRegions().join(", ")}`,
    );
  }
  return backup;
}

export function backedUpRegions(): readonly string[] {
  return Object.keys(BACKUP_REGIONS);
}

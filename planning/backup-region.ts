/** Where copies of a region's data go: another region, so that the loss of one leaves the other. */

/**
 * Region → backup region: a neighbour of the same continent, for the sake of restore time and traffic cost. The
 * neighbour of Seoul is Tokyo, because Korea has one region: who may not keep personal data abroad changes this line.
 * Regions: https://cloud.google.com/about/locations.
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

/**
 * The region that holds the backups of `region`.
 * @throws RangeError naming the regions that have one.
 */
export function backupRegion(region: string): string {
  const backup = BACKUP_REGIONS[region];
  if (backup === undefined) {
    throw new RangeError(
      `Region "${region}" has no backup region; planning/backup-region.ts has ${backedUpRegions().join(", ")}`,
    );
  }
  return backup;
}

/** Regions that have one. */
export function backedUpRegions(): readonly string[] {
  return Object.keys(BACKUP_REGIONS);
}

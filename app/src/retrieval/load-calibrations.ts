import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../config/config";
import { messageOf } from "../shared/errors/message-of";
import { type Calibration, readCalibration } from "./calibration";
import hashedNgrams from "./calibrations/hashed-ngrams-v1.json";
import koSbertMultitask from "./calibrations/ko-sbert-multitask.json";

/** The calibrations that this release carries, by embedder id. */
export const CALIBRATIONS: ReadonlyMap<string, Calibration> = new Map(
  [hashedNgrams, koSbertMultitask].map(readCalibration).map((calibration) => [calibration.embedder, calibration]),
);

/**
 * The release's calibrations and those of a folder, which win. A folder that is not there holds none.
 * @throws ConfigError for a file that is no calibration
 */
export async function loadCalibrations(folder: string): Promise<ReadonlyMap<string, Calibration>> {
  const names = await readdir(folder).catch(() => []);
  const calibrations = new Map(CALIBRATIONS);
  for (const name of names.filter((file) => file.endsWith(".json"))) {
    const path = join(folder, name);
    try {
      const calibration = readCalibration(JSON.parse(await readFile(path, "utf8")));
      calibrations.set(calibration.embedder, calibration);
    } catch (thrown) {
      const why = messageOf(thrown);
      throw new ConfigError([`${path} is no calibration: ${why}; make one with npm run calibrate, or remove it`]);
    }
  }
  return calibrations;
}

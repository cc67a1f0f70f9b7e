import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** An error that the user can correct: printed as one line, without a stack. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";
}

/** Paths of what watches the workload on this machine. */
export interface MonitorPrograms {
  readonly prometheus: string;
  readonly alertmanager: string;
  /** @default the machine itself is not watched */
  readonly nodeExporter: string | undefined;
}

/** Names of each: of its project's own releases, and of Debian's packages. */
const NAMES = {
  prometheus: ["prometheus"],
  alertmanager: ["alertmanager", "prometheus-alertmanager"],
  nodeExporter: ["node_exporter", "prometheus-node-exporter"],
} as const;

/** @throws MonitorError where Prometheus or Alertmanager is not on the PATH */
export function findPrograms(path = process.env.PATH ?? ""): MonitorPrograms {
  const find = (names: readonly string[]) =>
    names.map((name) => onPath(name, path)).find((found) => found !== undefined);
  const prometheus = find(NAMES.prometheus);
  const alertmanager = find(NAMES.alertmanager);
  if (prometheus !== undefined && alertmanager !== undefined) {
    return { prometheus, alertmanager, nodeExporter: find(NAMES.nodeExporter) };
  }
  const missing = [prometheus ?? "Prometheus", alertmanager ?? "Alertmanager"].filter((name) => !name.includes("/"));
  throw new MonitorError(
    `--monitor needs ${missing.join(" and ")} on the PATH: on Debian and Ubuntu apt-get install prometheus prometheus-alertmanager, elsewhere from https://prometheus.io/download`,
  );
}

function onPath(program: string, path: string): string | undefined {
  const candidates = path.split(delimiter).map((folder) => join(folder || ".", program));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

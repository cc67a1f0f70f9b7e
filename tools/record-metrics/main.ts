/**
 * `npm run record:metrics -- gateway=http://localhost:8001/metrics …`: writes what an emitter really exposes of the
 * contract to test/fixtures/metrics/recorded/<emitter>.prom, so that tests can compare names, types and labels.
 *
 * A series that counts something exists only once it happened: record after a request of each kind, a failed one, one
 * that was refused, an adapter and a backup.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PATHS, PORTS } from "../../app/src/contract/endpoints";
import { METRIC_CONTRACT } from "../../observability/metrics/contract";

const FOLDER = join(__dirname, "../../test/fixtures/metrics/recorded");
/** Series kept of a metric that has many: names and labels are what matters. */
const SERIES_KEPT = 2;

interface Family {
  readonly type: string;
  readonly samples: string[];
}

/** Families of a page in Prometheus' text format, by name. */
function families(page: string): ReadonlyMap<string, Family> {
  const found = new Map<string, Family>();
  let current: Family | undefined;
  for (const line of page.split("\n")) {
    const type = /^# TYPE (\S+) (\w+)$/.exec(line);
    if (type !== null) {
      const [, name = "", kind = ""] = type;
      current = { type: kind, samples: [] };
      found.set(name, current);
    } else if (line !== "" && !line.startsWith("#")) current?.samples.push(line);
  }
  return found;
}

/** Lines of the first series: of a histogram, everything that has the labels of the first bucket. */
function trimmed({ type, samples }: Family): readonly string[] {
  if (type !== "histogram") return samples.slice(0, SERIES_KEPT);
  const count = samples.findIndex((line) => /^\S+_count[{ ]/.test(line));
  const last = samples.findIndex((line) => /^\S+_sum[{ ]/.test(line));
  return samples.slice(0, Math.max(count, last) + 1);
}

async function record(emitter: string, url: string): Promise<void> {
  const wanted = METRIC_CONTRACT.filter((metric) => metric.emitter === emitter);
  if (wanted.length === 0) throw new Error(`the contract has no metric of ${emitter}`);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const exposed = families(await answer.text());
  const lines = wanted.flatMap(({ name }) => {
    const family = exposed.get(name);
    if (family === undefined) {
      console.error(`${emitter} does not expose ${name}`);
      return [];
    }
    return [`# TYPE ${name} ${family.type}`, ...trimmed(family)];
  });
  const header = `# Recorded on ${new Date().toISOString().slice(0, 10)} from a running ${emitter}: npm run record:metrics`;
  const path = join(FOLDER, `${emitter}.prom`);
  writeFileSync(path, `${[header, ...lines].join("\n")}\n`);
  console.log(`${path}: ${wanted.length} metrics`);
}

async function main(targets: readonly string[]): Promise<void> {
  if (targets.length === 0)
    throw new Error(`name the emitters: gateway=http://localhost:${PORTS.gateway}${PATHS.metrics} …`);
  for (const target of targets) {
    const [emitter = "", ...url] = target.split("=");
    await record(emitter, url.join("="));
  }
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
});

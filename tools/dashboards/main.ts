/** `npm run dashboards`: writes Grafana's dashboards, or draws them from what a Prometheus knows. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { dashboardFiles, dashboards } from "../../observability/dashboards/dashboard-files";
import { secondsOf } from "../../observability/promql/duration";
import { preview } from "./preview";
import { REHEARSAL_SCRAPE_SECONDS, rehearse } from "./rehearsal";

const USAGE = `Usage: npm run dashboards -- <command> [options]
  write                    Grafana's JSON, for a look or an import by hand
    --out FOLDER           (default: out/observability/dashboards)
  preview                  a picture of each, made of the same queries without Grafana
    --prometheus URL       (default: http://localhost:9090, as of npm start -- --monitor)
    --last DURATION        back from the end (default: 30m)
    --until TIME           its end, such as 2026-11-21T17:20:00Z (default: now)
    --scrape DURATION      between two scrapes (default: 15s)
    --caption TEXT         below the panels
    --out FOLDER           (default: out/observability/pictures)
  rehearse                 the same, of a load on this machine that it makes itself; needs the app built
    --last DURATION        how long (default: 12m)
    --app FOLDER           of the app that runs (default: app)
    --out FOLDER           (default: docs/pictures/dashboards)`;

/** Of settings/environments/production.ts: a preview needs some price. */
const PRICED = { region: "asia-northeast3", machineType: "g2-standard-8", provisioning: "standard" } as const;
const RUNBOOKS = "docs/runbooks";
const ROOT = join(__dirname, "../..");
const REHEARSED =
  "Drawn from Prometheus by the dashboard's own queries. Gateway, rules and node-exporter are real; the engines are simulated L4s; DCGM, Kubernetes and the prober are stand-ins that follow them.";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    prometheus: { type: "string", default: "http://localhost:9090" },
    last: { type: "string" },
    until: { type: "string" },
    scrape: { type: "string", default: "15s" },
    caption: { type: "string", default: "" },
    app: { type: "string", default: join(ROOT, "app") },
  },
});

function seconds(text: string): number {
  const duration = /^(\d+)([smhd])$/.exec(text);
  if (duration === null) throw new RangeError(`${text} is no duration such as 30m`);
  const [, count, unit] = duration;
  if (unit === "s" || unit === "m" || unit === "h" || unit === "d") return secondsOf(`${Number(count)}${unit}`);
  throw new RangeError(`${text} is no duration such as 30m`);
}

/** Unix seconds of a time as a person writes it. */
function instant(text: string | undefined): number {
  const milliseconds = text === undefined ? Date.now() : Date.parse(text);
  if (Number.isNaN(milliseconds)) throw new RangeError(`${text} is no time such as 2026-11-21T17:20:00Z`);
  return milliseconds / 1_000;
}

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    console.log(`${join(folder, name)}: ${Buffer.byteLength(content)} bytes`);
  }
}

async function main(): Promise<void> {
  const [command] = positionals;
  if (command === "write") {
    const out = values.out ?? join(ROOT, "out/observability/dashboards");
    return writeAll(out, dashboardFiles({ ...PRICED, runbooksUrl: RUNBOOKS }));
  }
  if (command === "preview") {
    const pictures = await preview(dashboards(PRICED), {
      prometheusUrl: values.prometheus.replace(/\/$/, ""),
      lastSeconds: seconds(values.last ?? "30m"),
      endSeconds: instant(values.until),
      scrapeSeconds: seconds(values.scrape),
      caption: values.caption,
    });
    return writeAll(values.out ?? join(ROOT, "out/observability/pictures"), pictures);
  }
  if (command === "rehearse") return drawRehearsal(seconds(values.last ?? "12m"));
  console.error(USAGE);
  process.exitCode = 1;
}

async function drawRehearsal(lastSeconds: number): Promise<void> {
  const rehearsal = await rehearse(resolve(values.app), join(ROOT, "out/observability/rehearsal"), lastSeconds);
  try {
    const pictures = await preview(dashboards(PRICED), {
      ...{ prometheusUrl: rehearsal.prometheusUrl, lastSeconds, scrapeSeconds: REHEARSAL_SCRAPE_SECONDS },
      endSeconds: instant(undefined),
      caption: REHEARSED,
    });
    writeAll(values.out ?? join(ROOT, "docs/pictures/dashboards"), pictures);
  } finally {
    await rehearsal.stop();
  }
}

main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});

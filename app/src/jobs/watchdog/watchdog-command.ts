import { parseArgs } from "node:util";
import type { Config } from "../../config/config";
import { PORTS } from "../../contract/endpoints";
import { AccessTokens } from "../../shared/access-token";
import { messageOf } from "../../shared/errors/message-of";
import { isLoopback } from "../../shared/loopback";
import { EXIT, saidMisuse, UsageError } from "../command-result";
import { GoogleClient } from "../google/google-client";
import { busyNow } from "./gateway-evidence";
import { GceControl } from "./gce-control";
import { GkeControl } from "./gke-control";
import type { IdleLimits } from "./idleness";
import type { MachineControl } from "./machine-control";
import { PrometheusEvidence } from "./prometheus-evidence";
import { watch } from "./watchdog";

export const WATCHDOG_USAGE =
  "terrace-app watchdog --prometheus URL --project ID (--label NAME=VALUE… | --node-pool LOCATION/CLUSTER/POOL) [options]";

const USAGE = `Usage: ${WATCHDOG_USAGE}
Looks once at GPU machines, and stops those that nobody has used.
  --prometheus URL    where Prometheus answers
  --project ID        project of the machines
  --label NAME=VALUE  VMs that may be stopped have this label; several must all be there
  --node-pool L/C/P   the node pool P of the cluster C in the region or zone L, which is set to its floor
  --match MATCHERS    Prometheus' matchers of that pool's metrics (default: everything that Prometheus has)
  --gateway-port N    where the VMs' gateways listen, which are asked right before (default: ${PORTS.gateway})
  --gateways URLS     gateways of that pool that are asked right before, comma-separated (default: Prometheus alone)
  --floor N           VMs that stay up, or nodes in each zone (default: 0)
  --checks N          checks in a row that must find nothing (default: 5)
  --every-seconds N   seconds of one check (default: 60)
  --gpu-percent N     GPU use up to which nobody uses it (default: 5)
  --min-uptime-seconds N  a machine that is younger stays up (default: 600)
  --dry-run           say what would be done, and do nothing`;

const NO_LABELS: string[] = [];

/** Source: R-103. */
const OPTIONS = {
  prometheus: { type: "string" },
  project: { type: "string" },
  label: { type: "string", multiple: true, default: NO_LABELS },
  "node-pool": { type: "string" },
  match: { type: "string", default: "" },
  gateways: { type: "string", default: "" },
  "gateway-port": { type: "string", default: String(PORTS.gateway) },
  floor: { type: "string", default: "0" },
  checks: { type: "string", default: "5" },
  "every-seconds": { type: "string", default: "60" },
  "gpu-percent": { type: "string", default: "5" },
  "min-uptime-seconds": { type: "string", default: "600" },
  "dry-run": { type: "boolean", default: false },
  "compute-url": { type: "string", default: "https://compute.googleapis.com" },
  "container-url": { type: "string", default: "https://container.googleapis.com" },
} as const;

/** `terrace-app watchdog …`, one run; a scheduler starts it every few minutes. @returns the exit code */
export async function watchdogCommand(
  args: readonly string[],
  configuration: () => Config,
  print: (line: string) => void,
): Promise<number> {
  try {
    const { control, limits, prometheus, dryRun } = parsed(args, configuration);
    const evidence = new PrometheusEvidence({ url: prometheus, limits });
    const good = await watch({
      control,
      limits,
      dryRun,
      print,
      seen: (target) => evidence.seen(target),
      busyNow: (target) => busyNow(target.gateways),
    });
    return good ? EXIT.done : EXIT.failed;
  } catch (thrown) {
    if (saidMisuse(thrown, USAGE, print)) return EXIT.misused;
    print(`failed, nothing was stopped: ${messageOf(thrown)}`);
    return EXIT.failed;
  }
}

interface Plan {
  readonly control: MachineControl;
  readonly limits: IdleLimits;
  readonly prometheus: string;
  readonly dryRun: boolean;
}

function parsed(args: readonly string[], configuration: () => Config): Plan {
  const values = read(args);
  const { project, label, "node-pool": pool } = values;
  const prometheus = url("--prometheus", values.prometheus);
  if (project === undefined || !/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project)) {
    throw new UsageError("--project is the id of a project");
  }
  if (label.length > 0 === (pool !== undefined))
    throw new UsageError("either --label or --node-pool says what may be stopped");
  const floor = whole("--floor", values.floor);
  const limits: IdleLimits = {
    checks: whole("--checks", values.checks, 1),
    everySeconds: whole("--every-seconds", values["every-seconds"], 15),
    gpuPercent: whole("--gpu-percent", values["gpu-percent"], 0, 100),
    minUptimeSeconds: whole("--min-uptime-seconds", values["min-uptime-seconds"]),
  };
  const client = new GoogleClient({ tokens: new AccessTokens(configuration().metadataUrl) });
  const common = { client, project, floor };
  const control = pool === undefined ? vms(values, common) : nodePool(pool, values, common);
  return { control, limits, prometheus, dryRun: values["dry-run"] };
}

type Values = ReturnType<typeof read>;

interface Common {
  readonly client: GoogleClient;
  readonly project: string;
  readonly floor: number;
}

function vms(values: Values, common: Common): MachineControl {
  const labels = values.label.map(labelOf);
  const gatewayPort = whole("--gateway-port", values["gateway-port"], 1, 65_535);
  return new GceControl({ ...common, labels, gatewayPort, computeUrl: api(values["compute-url"]) });
}

function nodePool(text: string, values: Values, common: Common): MachineControl {
  const gateways = values.gateways.split(",").filter((part) => part !== "");
  return new GkeControl({
    ...common,
    ...poolOf(text),
    matchers: values.match,
    containerUrl: api(values["container-url"]),
    gateways: gateways.map((part) => url("--gateways", part)),
  });
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (thrown) {
    throw new UsageError(messageOf(thrown));
  }
}

function labelOf(text: string): readonly [string, string] {
  const [, name, value] = /^([a-z][a-z0-9_-]{0,62})=([a-z0-9_-]{1,63})$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(`--label is NAME=VALUE, not ${text}`);
  return [name, value];
}

function poolOf(text: string) {
  const [, location, cluster, nodePool] = /^([a-z0-9-]+)\/([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(text) ?? [];
  if (location === undefined || cluster === undefined || nodePool === undefined) {
    throw new UsageError(`--node-pool is LOCATION/CLUSTER/POOL, not ${text}`);
  }
  return { location, cluster, nodePool };
}

function url(option: string, text: string | undefined): string {
  if (text === undefined || !URL.canParse(text) || !/^https?:/.test(text))
    throw new UsageError(`${option} is an http:// or https:// URL`);
  return text.replace(/\/+$/, "");
}

/** An API to which access tokens are sent, which never cross a network in the clear. */
function api(text: string): string {
  const checked = url("an API's URL", text);
  if (checked.startsWith("http:") && !isLoopback(new URL(checked).hostname))
    throw new UsageError(`${text} is not https://`);
  return checked;
}

function whole(option: string, text: string, min = 0, max = 86_400): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} is a whole number from ${min} to ${max}, not ${text}`);
}

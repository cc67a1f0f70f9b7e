import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PORTS } from "../../../app/src/contract/endpoints";
import { freePort } from "../../../testing/free-port";
import { type Background, startInBackground } from "./background";
import type { MonitorPrograms } from "./monitor-programs";
import { type FineDuration, type LocalTarget, localPrometheusConfig } from "./prometheus-config";

export interface MonitorOptions {
  readonly programs: MonitorPrograms;
  /** Absolute path for configuration, data and logs. */
  readonly folder: string;
  /** Besides Prometheus, Alertmanager and the machine. */
  readonly targets: readonly LocalTarget[];
  /** Rule files by name. */
  readonly rules: Readonly<Record<string, string>>;
  /** Contents of `alertmanager.yml`. */
  readonly alertmanagerConfig: string;
  /** Between two scrapes of a target, and two evaluations of a rule. */
  readonly interval: FineDuration;
  /** After which an alert that still fires is sent to Alertmanager once more. @default Prometheus' own, 1m */
  readonly resendDelay?: FineDuration;
}

/** A running Prometheus and Alertmanager. URLs are without a slash at their end. */
export interface Monitor {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  /** Resolves with what ended by itself, and how. */
  readonly failed: Promise<string>;
  /** Stops Prometheus first, because it sends to Alertmanager. Data is kept. */
  readonly stop: () => Promise<void>;
}

/** Each one's own port, used where it is free. */
const USUAL_PORTS = { prometheus: 9090, alertmanager: 9093, nodeExporter: PORTS.nodeExporter } as const;
const HOST = "127.0.0.1";
/** Name of this machine in the label `instance`. */
export const THIS_MACHINE = "localhost";
const RETENTION = "15d";

/**
 * Starts them on loopback ports. Data of an earlier run is kept, configuration is written anew.
 * @throws MonitorError where one does not come up; what was started is stopped
 */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const running: Background[] = [];
  const stop = async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  };
  try {
    const { programs, folder } = options;
    const node =
      programs.nodeExporter === undefined ? [] : [await watchThisMachine(programs.nodeExporter, folder, running)];
    const alertmanager = await startAlertmanager(options, running);
    const prometheus = await startPrometheus(options, { alertmanager, node }, running);
    const failed = Promise.race(running.map(async ({ name, ended }) => `${name} ended (${await ended})`));
    return { prometheusUrl: `http://${prometheus}`, alertmanagerUrl: `http://${alertmanager}`, failed, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function watchThisMachine(command: string, folder: string, running: Background[]): Promise<LocalTarget> {
  const address = `${HOST}:${await freePort(USUAL_PORTS.nodeExporter)}`;
  running.push(
    await startInBackground({
      name: "node-exporter",
      command,
      args: [`--web.listen-address=${address}`],
      logFile: join(folder, "node-exporter.log"),
      readyUrl: `http://${address}/metrics`,
    }),
  );
  return { job: "node", instance: THIS_MACHINE, address };
}

async function startAlertmanager(options: MonitorOptions, running: Background[]): Promise<string> {
  const { programs, folder, alertmanagerConfig } = options;
  const address = `${HOST}:${await freePort(USUAL_PORTS.alertmanager)}`;
  const configFile = join(folder, "alertmanager.yml");
  mkdirSync(folder, { recursive: true });
  writeFileSync(configFile, alertmanagerConfig);
  running.push(
    await startInBackground({
      name: "Alertmanager",
      command: programs.alertmanager,
      args: [
        `--config.file=${configFile}`,
        `--storage.path=${join(folder, "alertmanager")}`,
        `--web.listen-address=${address}`,
        // No cluster: one Alertmanager.
        "--cluster.listen-address=",
      ],
      logFile: join(folder, "alertmanager.log"),
      readyUrl: `http://${address}/-/ready`,
    }),
  );
  return address;
}

async function startPrometheus(
  options: MonitorOptions,
  { alertmanager, node }: { readonly alertmanager: string; readonly node: readonly LocalTarget[] },
  running: Background[],
): Promise<string> {
  const { programs, folder, targets, rules, interval, resendDelay = "1m" } = options;
  const address = `${HOST}:${await freePort(USUAL_PORTS.prometheus)}`;
  const rulesFolder = join(folder, "rules");
  rmSync(rulesFolder, { recursive: true, force: true });
  mkdirSync(rulesFolder, { recursive: true });
  for (const [name, content] of Object.entries(rules)) writeFileSync(join(rulesFolder, name), content);
  const all: readonly LocalTarget[] = [
    ...targets,
    ...node,
    { job: "prometheus", instance: THIS_MACHINE, address },
    { job: "alertmanager", instance: THIS_MACHINE, address: alertmanager },
  ];
  const configFile = join(folder, "prometheus.yml");
  writeFileSync(configFile, localPrometheusConfig({ targets: all, alertmanager, rulesFolder, interval }));
  running.push(
    await startInBackground({
      name: "Prometheus",
      command: programs.prometheus,
      args: [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(folder, "prometheus")}`,
        `--storage.tsdb.retention.time=${RETENTION}`,
        `--web.listen-address=${address}`,
        `--rules.alert.resend-delay=${resendDelay}`,
      ],
      logFile: join(folder, "prometheus.log"),
      readyUrl: `http://${address}/-/ready`,
    }),
  );
  return address;
}

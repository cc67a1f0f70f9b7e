/** What can be seen of a machine from outside and from within. Looking changes nothing, so a dry run looks too. */

import { z } from "zod";
import { PATHS } from "../../app/src/contract/endpoints";
import { METRICS } from "../../app/src/contract/metrics";
import { type Gcloud, gcloudOutput } from "./gcloud";
import type { Machine } from "./machines";

/** A machine as it is now. */
export interface Observation {
  /** Compute Engine's status, e.g. `RUNNING`; `MISSING` where there is no such machine. */
  readonly status: string;
  /** Backend service → whether it sends the machine traffic. */
  readonly healthy: Readonly<Record<string, boolean>>;
  /** From within. @default it runs, and cannot be reached by SSH: it boots, or stops */
  readonly inside?: Inside | undefined;
}

export interface Inside {
  /** Changes with every boot. */
  readonly bootId: string;
  /** systemd's state of the gateway's unit: `active`, `deactivating`, `inactive`, `failed`, … */
  readonly gateway: string;
  /** Requests in flight; absent where the gateway does not answer. */
  readonly inFlight?: number | undefined;
}

/** Machine → whether each of its services sends it traffic. */
export type Health = ReadonlyMap<string, Readonly<Record<string, boolean>>>;

/** What is run on a machine: it prints its boot, the state of the gateway, and the requests in flight. */
const lookCommand = ({ appPort }: Machine) =>
  [
    "cat /proc/sys/kernel/random/boot_id",
    "systemctl show --property=ActiveState --value terrace-gateway.service",
    `curl --silent --max-time 2 http://127.0.0.1:${appPort}${PATHS.metrics} | sed -n 's/^${METRICS.inFlight}[^ ]* //p'`,
  ].join("; ");

/** Operators' way in: Identity-Aware Proxy, because no machine has an external address. */
export function sshArgs({ name, zone, project }: Machine, command: string): readonly string[] {
  return [
    "compute",
    "ssh",
    name,
    `--zone=${zone}`,
    `--project=${project}`,
    "--tunnel-through-iap",
    "--quiet",
    `--command=${command}`,
  ];
}

const healthSchema = z.array(
  z.object({
    status: z.object({
      healthStatus: z.array(z.object({ instance: z.string().optional(), healthState: z.string() })).default([]),
    }),
  }),
);

/** Names of the machines that a backend service sends traffic. */
async function healthyMachines(run: Gcloud, service: string, project: string): Promise<ReadonlySet<string>> {
  const args = ["compute", "backend-services", "get-health", service, "--global", `--project=${project}`];
  const groups = healthSchema.parse(JSON.parse((await gcloudOutput(run, [...args, "--format=json"])) || "[]"));
  return new Set(
    groups
      .flatMap(({ status }) => status.healthStatus)
      .filter(({ healthState }) => healthState === "HEALTHY")
      .map(({ instance }) => instance?.split("/").at(-1) ?? ""),
  );
}

/** Reads the health of the machines, one call for each of their backend services. */
export async function readHealth(run: Gcloud, machines: readonly Machine[]): Promise<Health> {
  const services = [...new Set(machines.flatMap((machine) => machine.services))];
  const project = machines[0]?.project ?? "";
  const healthyOf = new Map(
    await Promise.all(
      services.map(async (service) => [service, await healthyMachines(run, service, project)] as const),
    ),
  );
  return new Map(
    machines.map(({ name, services: own }) => [
      name,
      Object.fromEntries(own.map((service) => [service, healthyOf.get(service)?.has(name) ?? false])),
    ]),
  );
}

/** Machine → its status in Compute Engine. */
export async function readStatus(run: Gcloud, machines: readonly Machine[]): Promise<ReadonlyMap<string, string>> {
  const project = machines[0]?.project ?? "";
  const filter = `name=(${machines.map(({ name }) => name).join(" ")})`;
  const args = ["compute", "instances", "list", `--project=${project}`, `--filter=${filter}`, "--format=json"];
  const list = z
    .array(z.object({ name: z.string(), status: z.string() }))
    .parse(JSON.parse((await gcloudOutput(run, args)) || "[]"));
  return new Map(list.map(({ name, status }) => [name, status]));
}

/** From within; `undefined` where it does not answer by SSH. */
async function readInside(run: Gcloud, machine: Machine): Promise<Inside | undefined> {
  const { status, stdout } = await run(sshArgs(machine, lookCommand(machine)));
  const [bootId, gateway, ...counts] = stdout.trim().split("\n");
  if (status !== 0 || bootId === undefined || gateway === undefined) return undefined;
  const inFlight = counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + Number(count), 0);
  return { bootId: bootId.trim(), gateway: gateway.trim(), inFlight };
}

/** A machine, and the backend services that it alone is left of. */
export interface Look {
  readonly seen: Observation;
  readonly last: readonly string[];
}

/** @param machines every machine that could take its traffic, itself among them */
export async function look(run: Gcloud, machine: Machine, machines: readonly Machine[]): Promise<Look> {
  const status = (await readStatus(run, [machine])).get(machine.name) ?? "MISSING";
  const [health, inside] = await Promise.all([
    readHealth(run, machines),
    status === "RUNNING" ? readInside(run, machine) : undefined,
  ]);
  const healthy = health.get(machine.name) ?? {};
  const last = Object.keys(healthy).filter((service) => healthy[service] && !hasOther(health, machine, service));
  return { seen: { status, healthy, inside }, last };
}

/** Whether another machine is healthy for a service. */
export function hasOther(health: Health, machine: Machine, service: string): boolean {
  return [...health].some(([name, services]) => name !== machine.name && services[service] === true);
}

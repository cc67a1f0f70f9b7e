import { z } from "zod";
import { PORTS } from "../../contract/endpoints";
import type { GoogleClient } from "../google/google-client";
import type { MachineControl, Target } from "./machine-control";
import { escapedForRegExp } from "./promql";

const instanceSchema = z.object({
  name: z.string(),
  /** URL whose last segment is the zone's name. */
  zone: z.string(),
  status: z.string(),
  lastStartTimestamp: z.iso.datetime({ offset: true }).optional(),
  networkInterfaces: z.array(z.object({ networkIP: z.string().optional() })).default([]),
});

const pageSchema = z.object({
  items: z.record(z.string(), z.object({ instances: z.array(instanceSchema).optional() })).default({}),
  nextPageToken: z.string().optional(),
});

const operationSchema = z.object({ name: z.string() });

type Instance = z.output<typeof instanceSchema>;

export interface GceControlOptions {
  readonly client: GoogleClient;
  /** Compute Engine's endpoint. @default https://compute.googleapis.com */
  readonly computeUrl?: string;
  readonly project: string;
  /** Labels that a VM must have, `[name, value]`. */
  readonly labels: readonly (readonly [string, string])[];
  /** VMs that must stay up. */
  readonly floor: number;
  /** Where their gateways listen. @default 8001 */
  readonly gatewayPort?: number;
}

/**
 * VMs of Compute Engine by their labels, in every zone. Needs `compute.instances.list` and `compute.instances.stop`. A VM
 * that is stopped keeps its disks and its place; its gateway drains as at any shutdown.
 * https://cloud.google.com/compute/docs/reference/rest/v1/instances/stop
 */
export class GceControl implements MachineControl {
  readonly floor: number;
  readonly #options: GceControlOptions;
  readonly #base: string;

  constructor(options: GceControlOptions) {
    this.floor = options.floor;
    this.#options = options;
    const { computeUrl = "https://compute.googleapis.com", project } = options;
    this.#base = `${computeUrl}/compute/v1/projects/${project}`;
  }

  async targets(): Promise<readonly Target[]> {
    const { client, labels } = this.#options;
    const filter = [...labels.map(([name, value]) => `labels.${name}=${value}`), "status=RUNNING"];
    const found: Instance[] = [];
    let pageToken: string | undefined;
    do {
      const query = new URLSearchParams({ filter: filter.map((term) => `(${term})`).join(" ") });
      if (pageToken !== undefined) query.set("pageToken", pageToken);
      const page = pageSchema.parse(await client.json({ url: `${this.#base}/aggregated/instances?${query}` }));
      found.push(...Object.values(page.items).flatMap(({ instances = [] }) => instances));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    // The server's filter is trusted for labels, not for the state that matters most.
    return found.filter(({ status }) => status === "RUNNING").map((instance) => this.#target(instance));
  }

  #target({ name, zone, lastStartTimestamp, networkInterfaces }: Instance): Target {
    const { client, gatewayPort = PORTS.gateway } = this.#options;
    const addresses = networkInterfaces.flatMap(({ networkIP }) => networkIP ?? []);
    const names = [name, ...addresses].map(escapedForRegExp).join("|");
    const url = `${this.#base}/zones/${zone.split("/").at(-1)}/instances/${name}/stop`;
    return {
      name,
      matchers: `instance=~"(${names})(:[0-9]+)?"`,
      gateways: addresses.map((address) => `http://${address}:${gatewayPort}`),
      startedAt: lastStartTimestamp === undefined ? undefined : new Date(lastStartTimestamp),
      action: `stop (POST ${new URL(url).pathname})`,
      stop: async () => `stopping, ${operationSchema.parse(await client.json({ method: "POST", url })).name}`,
    };
  }
}

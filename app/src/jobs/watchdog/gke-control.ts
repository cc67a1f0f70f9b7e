import { z } from "zod";
import type { GoogleClient } from "../google/google-client";
import type { MachineControl, Target } from "./machine-control";

const poolSchema = z.object({
  status: z.string(),
});

const operationSchema = z.object({ name: z.string() });

export interface GkeControlOptions {
  readonly client: GoogleClient;
  /** Kubernetes Engine's endpoint. @default https://container.googleapis.com */
  readonly containerUrl?: string;
  readonly project: string;
  /** Region or zone of the cluster. */
  readonly location: string;
  readonly cluster: string;
  readonly nodePool: string;
  /** Nodes that stay, in each zone. */
  readonly floor: number;
  /** Prometheus' matchers of the pool's gateways and GPUs. */
  readonly matchers: string;
  /** Base URLs of its gateways. */
  readonly gateways: readonly string[];
}

/**
 * A node pool of GKE as one target, which is set to its floor: `setSize` counts nodes in each zone. Needs
 * `container.clusters.get` and `container.clusters.update`. Nodes are drained with their pods' own grace times; where
 * the pool scales by itself, it grows again with the next pod that finds no place.
 * https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters.nodePools/setSize
 */
export class GkeControl implements MachineControl {
  /** The pool itself keeps its floor. */
  readonly floor = 0;
  readonly #options: GkeControlOptions;

  constructor(options: GkeControlOptions) {
    this.#options = options;
  }

  async targets(): Promise<readonly Target[]> {
    const { client, nodePool, floor, matchers, gateways } = this.#options;
    const url = this.#url();
    const { status } = poolSchema.parse(await client.json({ url }));
    // One that another operation is changing is left alone.
    if (status !== "RUNNING") return [];
    const stop = {
      method: "POST" as const,
      url: `${url}:setSize`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ nodeCount: floor }),
    };
    return [
      {
        name: nodePool,
        matchers,
        gateways,
        startedAt: undefined,
        action: `set to ${floor} nodes a zone (POST ${new URL(stop.url).pathname})`,
        stop: async () => `set to ${floor} nodes a zone, ${operationSchema.parse(await client.json(stop)).name}`,
      },
    ];
  }

  #url(): string {
    const { containerUrl = "https://container.googleapis.com", project, location, cluster, nodePool } = this.#options;
    return `${containerUrl}/v1/projects/${project}/locations/${location}/clusters/${cluster}/nodePools/${nodePool}`;
  }
}

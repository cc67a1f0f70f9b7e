/** Equal on a VM and in a pod, but for addresses and the account. */
import { GRACE, PORTS } from "../app/src/contract/endpoints";
import { type ServiceToken, serviceTokenItem } from "../app/src/contract/service-token";
import { type ModelTableEntry, TASK_NAMES, type Task } from "../app/src/contract/tasks";
import { ENV } from "../app/src/contract/variables";
import { adapterPlaces, type EnginePlacement } from "./engine-placement";
import type { Grace } from "./grace";
import type { ModelName } from "./models";
import { type SharedStores, storeVariables } from "./shared-stores";

export interface EmbeddingServer {
  /** OpenAI-compatible, ending in `/v1`. */
  readonly url: string;
  /** As the app's calibrations name it. */
  readonly model: string;
}

export interface GatewayProps {
  readonly appPort: number;
  readonly grace: Grace;
  readonly tasks: Readonly<Record<Task, ModelName>>;
  /** Task → the one whose model answers where its own cannot. @default none */
  readonly fallbacks?: Partial<Readonly<Record<Task, Task>>> | undefined;
  readonly engines: readonly EnginePlacement[];
  /** Whether every answer reports the machine's load to the load balancer. */
  readonly reportLoad: boolean;
  /** In the environment. @default 1 */
  readonly gateways?: number | undefined;
  /** @default embedded ones */
  readonly stores?: SharedStores | undefined;
  /** @default none, and every request is refused */
  readonly serviceTokens?: readonly ServiceToken[] | undefined;
  /** @default no adapter can be registered */
  readonly adapterBucket?: string | undefined;
  /** @default hashed character n-grams */
  readonly embeddings?: EmbeddingServer | undefined;
  /** Watches for Spot's reclaim notice. @default false */
  readonly preemptible?: boolean | undefined;
}

export interface EngineAddresses {
  readonly host: (index: number) => string;
  /** Whether that name has an address for every engine of the model. */
  readonly everyAddress: boolean;
}

/** @throws RangeError where a task's model is placed nowhere; settings are checked before. */
function modelTable(props: GatewayProps, addresses: EngineAddresses): Record<string, ModelTableEntry> {
  const table: Record<string, ModelTableEntry> = {};
  const { tasks, fallbacks = {} } = props;
  for (const task of TASK_NAMES) {
    const model = tasks[task];
    const index = props.engines.findIndex((engine) => engine.model === model);
    const placement = props.engines[index];
    if (placement === undefined) throw new RangeError(`task ${task} needs ${model}, which is placed on no GPU`);
    const fallback = fallbacks[task];
    table[task] = {
      baseUrl: `http://${addresses.host(index)}:${PORTS.engineBase + index}/v1`,
      model,
      concurrency: placement.maxNumSeqs,
      contextTokens: placement.maxModelLen,
      ...(addresses.everyAddress ? { discovery: "dns" } : {}),
      ...(fallback === undefined ? {} : { fallback }),
    };
  }
  return table;
}

function adapterVariables({ engines, adapterBucket }: GatewayProps): Record<string, string> {
  const places = adapterPlaces(engines);
  if (places === 0 || adapterBucket === undefined) return {};
  return { [ENV.adapterPrefixes]: `gs://${adapterBucket}/`, [ENV.maxLoras]: String(places) };
}

/** Not sorted, and without secrets. */
export function gatewayVariables(props: GatewayProps, addresses: EngineAddresses): Record<string, string> {
  const { grace, stores, serviceTokens = [], embeddings } = props;
  return {
    // The app's default is loopback; here the load balancer calls.
    [ENV.host]: "0.0.0.0",
    ...(props.reportLoad ? { [ENV.gpuMetricsUrl]: `http://127.0.0.1:${PORTS.dcgmExporter}/metrics` } : {}),
    [ENV.drainTimeoutMs]: String(grace.gatewayDrainSeconds * 1000),
    [ENV.keepAliveMs]: String(GRACE.keepAliveSeconds * 1000),
    [ENV.modelTable]: JSON.stringify(modelTable(props, addresses)),
    [ENV.enginePriority]: "true",
    [ENV.port]: String(props.appPort),
    [ENV.preStopMs]: String(grace.preStopSeconds * 1000),
    [ENV.replicas]: String(props.gateways ?? 1),
    ...(serviceTokens.length === 0 ? {} : { [ENV.serviceTokens]: serviceTokens.map(serviceTokenItem).join(",") }),
    ...adapterVariables(props),
    ...(embeddings === undefined ? {} : { [ENV.embedUrl]: embeddings.url, [ENV.embedModel]: embeddings.model }),
    ...(props.preemptible ? { [ENV.watchPreemption]: "true" } : {}),
    ...(stores === undefined ? {} : storeVariables(stores)),
  };
}

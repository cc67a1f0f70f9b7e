/** The gateway's environment, from what surrounds it. Equal on a VM and in a pod, but for addresses and who it acts as. */
import { ENV, GRACE, type ModelTableEntry, PORTS, TASK_NAMES, type Task } from "../app/src/contract";
import { adapterPlaces, type EnginePlacement } from "./engine-placement";
import type { Grace } from "./grace";
import type { ModelName } from "./models";
import { type SharedStores, storeVariables } from "./shared-stores";

/** A bearer token that the gateway lets in. The token itself is known to its owner alone. */
export interface AdmittedToken {
  readonly name: string;
  readonly role: "service" | "admin";
  /** SHA-256 of the token, 64 hexadecimal digits: of a random token, so it may be read by anybody. */
  readonly sha256: string;
}

/** A server that embeds texts. */
export interface EmbeddingServer {
  /** OpenAI-compatible base URL, ending in `/v1`. */
  readonly url: string;
  /** Model name, as the app's calibrations name it. */
  readonly model: string;
}

export interface GatewayProps {
  readonly appPort: number;
  readonly grace: Grace;
  /** Which model answers which task. */
  readonly tasks: Readonly<Record<Task, ModelName>>;
  /** Task → the task whose model answers where its own cannot. @default none */
  readonly fallbacks?: Partial<Readonly<Record<Task, Task>>> | undefined;
  readonly engines: readonly EnginePlacement[];
  /** Whether every answer tells the load balancer how busy the machine is. */
  readonly reportLoad: boolean;
  /** Gateways that run side by side in the environment. @default 1 */
  readonly gateways?: number | undefined;
  /** @default the gateway's embedded ones, as far as it has any */
  readonly stores?: SharedStores | undefined;
  /** Who is let in. @default nobody */
  readonly serviceTokens?: readonly AdmittedToken[] | undefined;
  /** Bucket under which every adapter lies. @default none can be registered */
  readonly adapterBucket?: string | undefined;
  /** @default hashed character n-grams, which the gateway computes itself */
  readonly embeddings?: EmbeddingServer | undefined;
  /** Capacity that may be reclaimed, so that the gateway watches for the notice. @default false */
  readonly preemptible?: boolean | undefined;
}

/** How the gateway reaches the engines. */
export interface EngineAddresses {
  /** Host of the engine at an index. */
  readonly host: (index: number) => string;
  /** Whether that name has an address for every engine of the model. */
  readonly everyAddress: boolean;
}

/** @throws RangeError where a task's model is placed nowhere; settings are checked before, so this is a defect. */
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

/** What the gateway is told, sorted by nothing: whoever renders it sorts. No secret is ever here. */
export function gatewayVariables(props: GatewayProps, addresses: EngineAddresses): Record<string, string> {
  const { grace, stores, serviceTokens = [], embeddings } = props;
  return {
    // The app listens on loopback unless told otherwise; here the load balancer calls.
    [ENV.host]: "0.0.0.0",
    ...(props.reportLoad ? { [ENV.gpuMetricsUrl]: `http://127.0.0.1:${PORTS.dcgmExporter}/metrics` } : {}),
    [ENV.drainTimeoutMs]: String(grace.gatewayDrainSeconds * 1000),
    [ENV.keepAliveMs]: String(GRACE.keepAliveSeconds * 1000),
    [ENV.modelTable]: JSON.stringify(modelTable(props, addresses)),
    // The engines run with `--scheduling-policy priority`, so both queues have one order.
    [ENV.enginePriority]: "true",
    [ENV.port]: String(props.appPort),
    [ENV.preStopMs]: String(grace.preStopSeconds * 1000),
    [ENV.replicas]: String(props.gateways ?? 1),
    ...(serviceTokens.length === 0 ? {} : { [ENV.serviceTokens]: serviceTokens.map(tokenItem).join(",") }),
    ...adapterVariables(props),
    ...(embeddings === undefined ? {} : { [ENV.embedUrl]: embeddings.url, [ENV.embedModel]: embeddings.model }),
    ...(props.preemptible ? { [ENV.watchPreemption]: "true" } : {}),
    ...(stores === undefined ? {} : storeVariables(stores)),
  };
}

function tokenItem({ name, role, sha256 }: AdmittedToken): string {
  return `${name}:${role}=${sha256}`;
}

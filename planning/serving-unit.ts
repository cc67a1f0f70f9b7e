/**
 * What runs on a machine (step 1) or in pods (step 2). A VM renders it to cloud-init, the chart to pods; neither adds a
 * port, a flag or a grace time of its own.
 */
import { PATHS, PORTS } from "../app/src/contract/endpoints";
import { RUNTIME_LORA_VARIABLE } from "../app/src/contract/variables";
import { adapterPlaces, type EnginePlacement } from "./engine-placement";
import { type EngineAddresses, type GatewayProps, gatewayVariables } from "./gateway-variables";
import type { Grace } from "./grace";
import type { ImageReference } from "./images";
import type { ModelName } from "./models";

export interface UnitContainer {
  readonly name: string;
  readonly image: ImageReference;
  readonly args: readonly string[];
  /** Sorted by name. No secret is ever here. */
  readonly env: Readonly<Record<string, string>>;
  /** TCP. */
  readonly port: number;
  readonly probePath: string;
  /** L4's index. @default none */
  readonly gpu?: number | undefined;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutSeconds: number;
  readonly user: "non-root" | "root";
}

export type ModelSource =
  /** From `gs://bucket/<model>/`, verified by its SHA256SUMS, resumed. */
  | { readonly kind: "gcs"; readonly bucket: string }
  /** In the app's image (target `app-with-weights`), under `/models/<model>`, with SHA256SUMS. */
  | { readonly kind: "image" };

/**
 * Decides addresses, and nothing else.
 * - `machine`: one network; engines listen on loopback.
 * - `pods`: gateway and engines apart, found by the Service `engine-<index>`; a network policy says who may call.
 * - `shared-pod`: engines listen on every address, because Prometheus and the kubelet come from outside the pod.
 */
export type Topology = "machine" | "pods" | "shared-pod";

export interface ServingUnitProps extends GatewayProps {
  /** @default `machine` */
  readonly topology?: Topology | undefined;
  readonly images: {
    readonly app: ImageReference;
    readonly engine: ImageReference;
    readonly dcgmExporter: ImageReference;
    readonly nodeExporter: ImageReference;
  };
  readonly modelSource: ModelSource;
}

export interface EngineContainer extends UnitContainer {
  readonly model: ModelName;
  /** From {@link ServingUnit.adapterBucket}, under the contract's `ADAPTER_MOUNT`. */
  readonly loadsAdapters: boolean;
}

export interface ServingUnit {
  readonly gateway: UnitContainer;
  /** In the order of the placements. */
  readonly engines: readonly EngineContainer[];
  readonly exporters: readonly UnitContainer[];
  readonly modelSource: ModelSource;
  /** Each once. */
  readonly models: readonly ModelName[];
  /** @default no engine loads adapters */
  readonly adapterBucket?: string | undefined;
  /** Certificates of the stores; with them there is a database to migrate. @default no shared stores */
  readonly authoritiesBucket?: string | undefined;
  readonly grace: Grace;
}

/** On the machine and in the engine's container. */
export function modelPath(model: ModelName): string {
  return `/models/${model}`;
}

/** Of its container, and of its Service. */
function engineName(index: number): string {
  return `engine-${index}`;
}

function engineAddress(topology: Topology): string {
  return topology === "machine" ? "127.0.0.1" : "0.0.0.0";
}

function engineHost(topology: Topology, index: number): string {
  return topology === "pods" ? engineName(index) : "127.0.0.1";
}

function engineArgs(placement: EnginePlacement, port: number, { grace, topology = "machine" }: ServingUnitProps) {
  const lora =
    placement.maxLoras > 0 ? ["--enable-lora", "--max-loras", String(placement.maxLoras), "--max-lora-rank", "16"] : [];
  return [
    // The image's entry point is `vllm serve`, which takes the model as its first argument.
    modelPath(placement.model),
    "--served-model-name",
    placement.model,
    "--host",
    engineAddress(topology),
    "--port",
    String(port),
    "--tensor-parallel-size",
    "1",
    "--gpu-memory-utilization",
    placement.memoryShare.toFixed(2),
    "--max-model-len",
    String(placement.maxModelLen),
    "--max-num-seqs",
    String(placement.maxNumSeqs),
    "--scheduling-policy",
    "priority",
    "--shutdown-timeout",
    String(grace.engineShutdownSeconds),
    ...lora,
  ];
}

function engineContainer(placement: EnginePlacement, index: number, props: ServingUnitProps): EngineContainer {
  const port = PORTS.engineBase + index;
  return {
    name: engineName(index),
    model: placement.model,
    loadsAdapters: placement.maxLoras > 0 && props.adapterBucket !== undefined,
    image: props.images.engine,
    args: engineArgs(placement, port, props),
    // Weights are local and verified: an engine that reaches out to a model hub would hide a missing file.
    env: {
      HF_HUB_OFFLINE: "1",
      VLLM_NO_USAGE_STATS: "1",
      ...(placement.maxLoras > 0 ? { [RUNTIME_LORA_VARIABLE]: "1" } : {}),
    },
    port,
    probePath: "/health",
    gpu: placement.gpu,
    stopTimeoutSeconds: props.grace.engineShutdownSeconds,
    user: "root",
  };
}

/** Pods have an address each, so that the gateway chooses among them. */
function engineAddresses(topology: Topology): EngineAddresses {
  return { host: (index) => engineHost(topology, index), everyAddress: topology === "pods" };
}

/** @throws RangeError where a task's model is placed nowhere; settings are checked before. */
export function servingUnit(props: ServingUnitProps): ServingUnit {
  const { grace, topology = "machine" } = props;
  const gateway: UnitContainer = {
    name: "gateway",
    image: props.images.app,
    args: [],
    env: gatewayVariables(props, engineAddresses(topology)),
    port: props.appPort,
    probePath: PATHS.healthz,
    stopTimeoutSeconds: grace.preStopSeconds + grace.gatewayDrainSeconds,
    user: "non-root",
  };
  return {
    gateway,
    engines: props.engines.map((placement, index) => engineContainer(placement, index, props)),
    exporters: [
      {
        name: "dcgm-exporter",
        image: props.images.dcgmExporter,
        args: [],
        env: { DCGM_EXPORTER_LISTEN: `:${PORTS.dcgmExporter}` },
        port: PORTS.dcgmExporter,
        probePath: "/health",
        gpu: 0,
        stopTimeoutSeconds: 5,
        user: "root",
      },
      {
        name: "node-exporter",
        image: props.images.nodeExporter,
        args: [
          `--web.listen-address=:${PORTS.nodeExporter}`,
          "--path.rootfs=/host",
          "--collector.textfile.directory=/host/var/lib/terrace/metrics",
        ],
        env: {},
        port: PORTS.nodeExporter,
        probePath: "/metrics",
        stopTimeoutSeconds: 5,
        user: "non-root",
      },
    ],
    modelSource: props.modelSource,
    models: [...new Set(props.engines.map((engine) => engine.model))],
    adapterBucket: adapterPlaces(props.engines) === 0 ? undefined : props.adapterBucket,
    authoritiesBucket: props.stores?.authoritiesBucket,
    grace,
  };
}

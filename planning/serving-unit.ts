/**
 * The serving unit: what runs on one machine (step 1) or in one pod pair (step 2), said once. A VM renders it to
 * cloud-init with systemd units, the chart renders it to pods; neither adds a port, a flag or a grace time of its own.
 */
import { PATHS, PORTS } from "../app/src/contract";
import { adapterPlaces, type EnginePlacement } from "./engine-placement";
import { type EngineAddresses, type GatewayProps, gatewayVariables } from "./gateway-variables";
import type { Grace } from "./grace";
import type { ImageReference } from "./images";
import type { ModelName } from "./models";

/** A container of the unit. */
export interface UnitContainer {
  readonly name: string;
  readonly image: ImageReference;
  readonly args: readonly string[];
  /** Sorted by name. No secret is ever here. */
  readonly env: Readonly<Record<string, string>>;
  /** TCP port that it listens on. */
  readonly port: number;
  /** HTTP path that answers 200 when it works. */
  readonly probePath: string;
  /** Index of the L4 it uses. @default none */
  readonly gpu?: number | undefined;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly stopTimeoutSeconds: number;
  readonly user: "non-root" | "root";
}

/** Where an engine's weights come from. */
export type ModelSource =
  /** Downloaded from `gs://bucket/<model>/` with a SHA256SUMS manifest, verified, resumed. */
  | { readonly kind: "gcs"; readonly bucket: string }
  /** In the app's image (its target `app-with-weights`), under `/models/<model>` with a SHA256SUMS manifest. */
  | { readonly kind: "image" };

/**
 * Where the containers stand to each other, and nothing else: flags, variables, ports, probes and grace times are equal.
 *
 * - `machine`: one network for all, as on a VM. Engines listen on loopback.
 * - `pods`: the gateway and each engine in pods of their own. Engines listen on every address, and the gateway finds each
 *   by the name of its Service, `engine-<index>`; who may call them is a network policy's to say.
 * - `shared-pod`: gateway and engines in one pod. The gateway calls loopback, as on a VM, and engines listen on every
 *   address, because Prometheus and the kubelet come from outside the pod.
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

/** An engine's container. */
export interface EngineContainer extends UnitContainer {
  readonly model: ModelName;
  /** Whether it loads LoRA adapters, from {@link ServingUnit.adapterBucket} under the contract's `ADAPTER_MOUNT`. */
  readonly loadsAdapters: boolean;
}

export interface ServingUnit {
  readonly gateway: UnitContainer;
  /** One per placement, in the order of the placements. */
  readonly engines: readonly EngineContainer[];
  readonly exporters: readonly UnitContainer[];
  readonly modelSource: ModelSource;
  /** Models to fetch, without repetition. */
  readonly models: readonly ModelName[];
  /** Bucket whose adapters must lie beside the models. @default no engine loads any */
  readonly adapterBucket?: string | undefined;
  /** Bucket of the certificates that the gateway trusts. There is a database to migrate then. @default it has no shared stores */
  readonly authoritiesBucket?: string | undefined;
  readonly grace: Grace;
}

/** Where the weights of a model lie on the machine and in the engine's container. */
export function modelPath(model: ModelName): string {
  return `/models/${model}`;
}

/** Name of an engine's container, and of its Service where it has a pod of its own. */
function engineName(index: number): string {
  return `engine-${index}`;
}

/** Address that an engine listens on. */
function engineAddress(topology: Topology): string {
  return topology === "machine" ? "127.0.0.1" : "0.0.0.0";
}

/** Host by which the gateway calls an engine. */
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
      ...(placement.maxLoras > 0 ? { VLLM_ALLOW_RUNTIME_LORA_UPDATING: "1" } : {}),
    },
    port,
    probePath: "/health",
    gpu: placement.gpu,
    stopTimeoutSeconds: props.grace.engineShutdownSeconds,
    user: "root",
  };
}

/** How the gateway reaches the engines: pods of one model are told apart, so that it chooses among them itself. */
function engineAddresses(topology: Topology): EngineAddresses {
  return { host: (index) => engineHost(topology, index), everyAddress: topology === "pods" };
}

/**
 * The unit of one machine, or of the cluster's pods.
 * @throws RangeError where a task's model is placed nowhere; settings are checked before, so this is a defect.
 */
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
          // The engines' metrics arrive as files, because their ports stay closed.
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

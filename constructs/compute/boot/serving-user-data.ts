/** A serving unit as cloud-init: systemd units for docker containers. */

import { type ImageReference, imageUri } from "../../../planning/images";
import { type EngineContainer, modelPath, type ServingUnit, type UnitContainer } from "../../../planning/serving-unit";
import { BOOT_ENVIRONMENT, type BootScript, bootScripts } from "./boot-scripts";
import {
  containerName,
  daemonUnit,
  HOME_DIRECTORY,
  REGISTRY_UNIT,
  registryUnit,
  scriptUnit,
  TARGET,
  targetUnit,
  unitName,
} from "./boot-units";
import { cloudConfig } from "./cloud-config";
import { type ContainerProps, containerUnit, registryHosts } from "./container-unit";
import { adapterNeeds, storeNeeds, storeScripts, storeUnits, storeUnitVariables } from "./serving-stores";
import { environmentFile, type SystemdUnit } from "./systemd";

export interface Collector {
  readonly image: ImageReference;
  readonly config: string;
}

export interface ServingUserDataProps {
  readonly unit: ServingUnit;
  readonly gpuCount: number;
  /** As `cos-extensions` names it. */
  readonly driverVersion: string;
  /** @default no metrics are pushed */
  readonly collector?: Collector;
}

/** Numbers, because the images' user names mean nothing outside. */
const GATEWAY_USER = "10001:10001";
/** `nobody` of node-exporter's image. */
const NODE_EXPORTER_USER = "65534:65534";
const COLLECTOR_USER = "10001:10001";
const COLLECTOR_DIRECTORY = "/etc/terrace/collector";

/** vLLM's processes exchange tensors there; docker's default is 64 MB. Only use counts. */
const ENGINE_SHM = "8g";

const DRIVER_UNIT = unitName("driver");
const MODELS_UNIT = unitName("models");
const PORTS_UNIT = unitName("ports");

/** On the boot disk, kept between boots. */
const MODELS_DIRECTORY = `${HOME_DIRECTORY}/models`;
/** node-exporter's textfile collector reads it. */
const METRICS_DIRECTORY = `${HOME_DIRECTORY}/metrics`;

/** docker's `--gpus` fails on COS. https://cloud.google.com/container-optimized-os/docs/how-to/run-gpus */
function gpuOptions(gpus: readonly number[]): string[] {
  return [
    ...gpus.map((gpu) => `--device=/dev/nvidia${gpu}`),
    "--device=/dev/nvidiactl",
    "--device=/dev/nvidia-uvm",
    "--volume=/var/lib/nvidia/lib64:/usr/local/nvidia/lib64:ro",
    "--volume=/var/lib/nvidia/bin:/usr/local/nvidia/bin:ro",
  ];
}

const LIBRARY_PATH = "LD_LIBRARY_PATH=/usr/local/nvidia/lib64:/usr/local/cuda/lib64";

function container(
  from: UnitContainer,
): Pick<ContainerProps, "name" | "image" | "args" | "env" | "stopTimeoutSeconds"> {
  const { name, image, args, env, stopTimeoutSeconds } = from;
  return { name, image, args, env, stopTimeoutSeconds };
}

const PREPARATION = [DRIVER_UNIT, MODELS_UNIT];

function engine(from: EngineContainer): ContainerProps {
  const adapters = adapterNeeds(from);
  const path = modelPath(from.model);
  return {
    ...container(from),
    description: `vLLM serving ${from.model}`,
    readOnly: false,
    requires: PREPARATION,
    after: adapters.after,
    options: [
      ...gpuOptions(from.gpu === undefined ? [] : [from.gpu]),
      `--env=${LIBRARY_PATH}`,
      `--shm-size=${ENGINE_SHM}`,
      // Compiled kernels outlive the container. A docker volume, because /var is mounted noexec elsewhere.
      `--volume=${containerName(from.name)}-cache:/root/.cache`,
      `--volume=${HOME_DIRECTORY}${path}:${path}:ro`,
      ...adapters.options,
    ],
  };
}

/**
 * Starts after what it needs, so that it stops first and drains while engines still answer. It does not require the
 * engines: one that crashes turns `/healthz` down and must not stop the gateway.
 */
function gateway(unit: ServingUnit): ContainerProps {
  const stores = storeNeeds(unit);
  return {
    ...container(unit.gateway),
    description: "Gateway",
    user: GATEWAY_USER,
    requires: [PORTS_UNIT, ...PREPARATION, ...stores.requires],
    options: stores.options,
    after: unit.engines.map(({ name }) => unitName(name)),
  };
}

function exporter(from: UnitContainer, gpuCount: number): ContainerProps {
  if (from.gpu === undefined) {
    return {
      ...container(from),
      description: "Machine metrics",
      user: NODE_EXPORTER_USER,
      requires: [PORTS_UNIT],
      options: ["--pid=host", "--volume=/:/host:ro,rslave"],
    };
  }
  return {
    ...container(from),
    description: "GPU metrics",
    readOnly: false,
    requires: [PORTS_UNIT, DRIVER_UNIT],
    options: [
      // Of every GPU, whichever the engines use.
      ...gpuOptions(Array.from({ length: gpuCount }, (_, gpu) => gpu)),
      `--env=${LIBRARY_PATH}`,
      // For profiling metrics (tensor and memory activity).
      "--cap-add=SYS_ADMIN",
    ],
  };
}

/** Waits for no target: alerts see series that are missing. */
function collectorContainer({ image }: Collector): ContainerProps {
  return {
    name: "collector",
    description: "Metrics to Cloud Monitoring",
    image,
    args: [`--config=${COLLECTOR_DIRECTORY}/config.yaml`],
    env: {},
    stopTimeoutSeconds: 5,
    user: COLLECTOR_USER,
    options: [`--volume=${COLLECTOR_DIRECTORY}:${COLLECTOR_DIRECTORY}:ro`],
  };
}

function preparationUnits(unit: ServingUnit, collector: Collector | undefined): SystemdUnit[] {
  const containers = [
    unit.gateway,
    ...unit.engines,
    ...unit.exporters,
    ...(collector === undefined ? [] : [collector]),
  ];
  return [
    scriptUnit({ name: "driver", description: "NVIDIA driver", script: "driver.sh" }),
    scriptUnit({ name: "ports", description: "Ports in the machine's firewall", script: "ports.sh" }),
    registryUnit(registryHosts(containers.map(({ image }) => image))),
    scriptUnit({ name: "models", description: "Model weights", ...weights(unit) }),
    daemonUnit({ name: "engine-metrics", description: "vLLM metrics for node-exporter", script: "engine-metrics.sh" }),
    ...storeUnits(unit),
  ];
}

function weights({ modelSource }: ServingUnit): { script: BootScript; requires: string[] } {
  return modelSource.kind === "gcs"
    ? { script: "models.sh", requires: [] }
    : { script: "models-from-image.sh", requires: [REGISTRY_UNIT] };
}

function modelVariables({ modelSource, models, gateway }: ServingUnit): Record<string, string> {
  const source: Record<string, string> =
    modelSource.kind === "gcs" ? { MODELS_BUCKET: modelSource.bucket } : { WEIGHTS_IMAGE: imageUri(gateway.image) };
  return { MODELS: models.join(" "), MODELS_DIR: MODELS_DIRECTORY, ...source };
}

function bootVariables({ unit, gpuCount, driverVersion }: ServingUserDataProps): Record<string, string> {
  return {
    DRIVER_VERSION: driverVersion,
    ENGINE_PORTS: unit.engines.map(({ port }) => port).join(" "),
    GPU_COUNT: String(gpuCount),
    // Engines' ports stay closed: a caller could generate text and load adapters.
    METRICS_DIR: METRICS_DIRECTORY,
    OPEN_PORTS: [unit.gateway, ...unit.exporters].map(({ port }) => port).join(" "),
    ...modelVariables(unit),
    ...storeUnitVariables(unit, GATEWAY_USER),
  };
}

/** @throws RangeError naming the container that needs a GPU beyond the machine's. */
function checkGpus({ unit, gpuCount }: ServingUserDataProps): void {
  for (const { name, gpu = 0 } of [...unit.engines, ...unit.exporters]) {
    if (gpu >= gpuCount) throw new RangeError(`${name} uses GPU ${gpu}, the machine has ${gpuCount}, counted from 0`);
  }
}

/**
 * Adds what only a VM has: driver, weights on disk, firewall, credentials.
 * @throws RangeError where the unit does not fit the machine, or the result a metadata value.
 */
export function servingUserData(props: ServingUserDataProps): string {
  checkGpus(props);
  const { unit, gpuCount, collector } = props;
  const containers = [
    ...unit.engines.map(engine),
    gateway(unit),
    ...unit.exporters.map((from) => exporter(from, gpuCount)),
    ...(collector === undefined ? [] : [collectorContainer(collector)]),
  ].map(containerUnit);
  const units = [...preparationUnits(unit, collector), ...containers.map((rendered) => rendered.unit)];
  const scripts: BootScript[] = [
    "retry.sh",
    "driver.sh",
    "ports.sh",
    "engine-metrics.sh",
    "model-state.sh",
    weights(unit).script,
  ];
  if (unit.modelSource.kind === "gcs") scripts.push("metadata.sh", "storage.sh");
  scripts.push(...storeScripts(unit));
  return cloudConfig({
    files: [
      { path: BOOT_ENVIRONMENT, content: environmentFile(bootVariables(props)) },
      ...bootScripts([...new Set(scripts)]),
      ...(collector === undefined ? [] : [{ path: `${COLLECTOR_DIRECTORY}/config.yaml`, content: collector.config }]),
      ...containers.map(({ file }) => file),
    ],
    units: [...units, targetUnit("Serving unit", units)],
    target: TARGET,
  });
}

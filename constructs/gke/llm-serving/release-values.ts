import { PATHS } from "../../../app/src/contract/endpoints";
import { coldStartBudget, startupFailures } from "../../../planning/cold-start";
import type { ColourReplicas, EngineColours } from "../../../planning/engine-colours";
import type { Grace } from "../../../planning/grace";
import { type ImageReference, imageUri } from "../../../planning/images";
import { PRIORITY_CLASSES } from "../../../planning/kubernetes-names";
import { HEALTH_CHECK } from "../../../planning/load-balancer-check";
import { type AutoscalingMetric, type AutoscalingMetrics, scaleOutTargetMillis } from "../../../planning/metrics-api";
import { MODELS, type ModelName } from "../../../planning/models";
import { MIGRATION_SECONDS } from "../../../planning/rollout";
import {
  BACKUP_COMMAND,
  REHEARSAL_COMMAND,
  type ScheduledCommand,
  TIME_ZONE,
} from "../../../planning/scheduled-commands";
import type { ServingUnit } from "../../../planning/serving-unit";
import { AUTHORITIES } from "../../../planning/shared-stores";
import type { LlmServingValues } from "./values";

export interface ReleaseValuesProps {
  readonly unit: ServingUnit;
  /** The unit's topology is `shared-pod`. */
  readonly besideEngine: boolean;
  readonly gatewayReplicas: ColourReplicas;
  readonly requestsPerGateway: number;
  readonly colours: EngineColours;
  /** @default the unit's */
  readonly greenImage?: ImageReference | undefined;
  readonly engineGrace: Grace;
  readonly spot: boolean;
  /** Of each engine, beyond the most, while a release rolls. */
  readonly surgePods: number;
  readonly metrics: AutoscalingMetrics;
  /** Engines are added above this share, 0–1. */
  readonly targetGpuUtilization: number;
  readonly drainingSeconds: number;
  readonly securityPolicy: string;
  readonly endpointGroup: string;
  readonly ingress: NonNullable<LlmServingValues["ingress"]>;
  readonly accounts: NonNullable<LlmServingValues["accounts"]>;
  /** @default gateways keep nothing, and there is nothing to migrate */
  readonly stores?: ReleaseStores | undefined;
  readonly warmSpare: boolean;
}

export interface ReleaseStores {
  readonly authoritiesConfigMap: string;
  readonly network: Pick<LlmServingValues["network"], "stores" | "vectorsNamespace">;
  readonly migrationVariables: Readonly<Record<string, string>>;
  /** @default backups run elsewhere */
  readonly backupVariables?: Readonly<Record<string, string>> | undefined;
}

/** The rest are the chart's defaults, which depend on no environment. */
export interface ReleaseValues {
  readonly gateway: Omit<LlmServingValues["gateway"], "cpuPercent" | "resources">;
  readonly network?: Pick<LlmServingValues["network"], "stores" | "vectorsNamespace">;
  readonly jobs?: Partial<LlmServingValues["jobs"]>;
  readonly engines: Omit<
    LlmServingValues["engines"],
    "accelerator" | "behaviour" | "resources" | "scratchGib" | "shmGib"
  >;
  readonly weights: LlmServingValues["weights"];
  readonly loadBalancer: Omit<LlmServingValues["loadBalancer"], "timeoutSeconds">;
  readonly ingress: LlmServingValues["ingress"];
  readonly accounts: LlmServingValues["accounts"];
  readonly warmSparePriorityClassName?: string;
}

type MetricValue = LlmServingValues["gateway"]["metrics"][number];

/** Source: R-88. */
const SCALE_OUT = { waiting: 100, ttftP95Seconds: 2 } as const;

/** A gateway beyond it is joined by another; a full one answers 429. */
const GATEWAY_FILL = 0.7;

const STARTUP_PERIOD_SECONDS = 10;

/** Tokenizers come on top, and some models' folders hold the weights in two formats. */
const WEIGHTS_ROOM = 2;

/** Of rank 16 one takes about 0.1 for a model of 12 billion parameters. */
const ADAPTERS_GIB = 10;

const GIB = 1024 ** 3;

function metric(of: AutoscalingMetric, targetMillis: number, per: "pod" | "total", model?: ModelName): MetricValue {
  if (of.type === "Pods") return { type: "Pods", name: of.name, targetMillis };
  const labels: Record<string, string> = {
    ...of.labels,
    ...(of.modelLabel === undefined || model === undefined ? {} : { [of.modelLabel]: model }),
  };
  return { type: "External", name: of.name, labels, per, targetMillis };
}

/** Pods are added once the metric is above the value, in the metric's unit of seconds, requests or percent. */
function above({ unitsPerOne }: AutoscalingMetric, value: number): number {
  return scaleOutTargetMillis(value * unitsPerOne);
}

function engineMetrics({ metrics, targetGpuUtilization }: ReleaseValuesProps, model: ModelName): MetricValue[] {
  return [
    metric(metrics.waiting, above(metrics.waiting, SCALE_OUT.waiting), "pod", model),
    metric(metrics.ttftP95, above(metrics.ttftP95, SCALE_OUT.ttftP95Seconds), "total", model),
    // A share does not add up over pods.
    metric(metrics.gpuUtilization, above(metrics.gpuUtilization, targetGpuUtilization * 100), "total", model),
    // At 1 it is its target and asks for the pods that there are.
    ...(metrics.scaleInHold === undefined ? [] : [metric(metrics.scaleInHold, 1000, "total", model)]),
  ];
}

function engineModels(props: ReleaseValuesProps): ReleaseValues["engines"]["models"] {
  return Object.fromEntries(
    props.unit.engines.map(({ name, model, port, args, env, probePath, loadsAdapters }) => {
      const budget = coldStartBudget(model);
      return [
        name,
        {
          model,
          port,
          args: [...args],
          env: { ...env },
          probePath,
          ...(loadsAdapters ? { adapterBucket: props.unit.adapterBucket } : {}),
          weightsGib: Math.ceil((MODELS[model].weightBytes * WEIGHTS_ROOM) / GIB) + (loadsAdapters ? ADAPTERS_GIB : 0),
          startupFailures: startupFailures(budget.engineSeconds, STARTUP_PERIOD_SECONDS),
          coldStartSeconds: budget.totalSeconds,
          metrics: engineMetrics(props, model),
        },
      ];
    }),
  );
}

function replicas({ min, max }: ColourReplicas) {
  return { minReplicas: min, extraReplicas: max - min };
}

/** @throws RangeError where the serving colour has no pods, or there is no engine. */
function colours({ unit, colours, greenImage }: ReleaseValuesProps): ReleaseValues["engines"]["colours"] {
  const image = unit.engines[0]?.image;
  if (image === undefined) throw new RangeError("a release needs at least one engine");
  const { blue, green } = colours.deployed;
  const blueValue = blue && { image: imageUri(image), ...replicas(blue) };
  const greenValue = green && { image: imageUri(greenImage ?? image), ...replicas(green) };
  if (colours.serving === "blue" && blueValue) return { serving: "blue", blue: blueValue, green: greenValue };
  if (colours.serving === "green" && greenValue) return { serving: "green", blue: blueValue, green: greenValue };
  if (blueValue && greenValue) return { serving: "both", blue: blueValue, green: greenValue };
  throw new RangeError(`${colours.serving} serves, and not every colour of it has pods`);
}

function backupJobs(env: ReleaseStores["backupVariables"]): Partial<LlmServingValues["jobs"]> {
  if (env === undefined) return {};
  const job = ({ args, ...times }: ScheduledCommand) => ({ ...times, args: [...args], env: { ...env } });
  return { timeZone: TIME_ZONE, backup: job(BACKUP_COMMAND), restoreTest: job(REHEARSAL_COMMAND) };
}

export function releaseValues(props: ReleaseValuesProps): ReleaseValues {
  const { unit, engineGrace, metrics, stores } = props;
  const { gateway, modelSource } = unit;
  return {
    gateway: {
      besideEngine: props.besideEngine,
      image: imageUri(gateway.image),
      port: gateway.port,
      env: { ...gateway.env },
      probePath: gateway.probePath,
      livePath: PATHS.live,
      authoritiesPath: AUTHORITIES.directory,
      ...(stores === undefined ? {} : { authoritiesConfigMap: stores.authoritiesConfigMap }),
      stopSeconds: gateway.stopTimeoutSeconds,
      ...replicas(props.gatewayReplicas),
      metrics: metrics.inFlight
        ? [metric(metrics.inFlight, above(metrics.inFlight, Math.ceil(GATEWAY_FILL * props.requestsPerGateway)), "pod")]
        : [],
      priorityClassName: PRIORITY_CLASSES.gateway.name,
    },
    engines: {
      models: engineModels(props),
      colours: colours(props),
      spot: props.spot,
      surgePods: props.surgePods,
      noticeSeconds: engineGrace.preStopSeconds,
      drainSeconds: engineGrace.gatewayDrainSeconds,
      shutdownSeconds: engineGrace.engineShutdownSeconds,
      priorityClassName: PRIORITY_CLASSES.engine.name,
    },
    weights: modelSource.kind === "gcs" ? { source: "gcs", bucket: modelSource.bucket } : { source: "image" },
    loadBalancer: {
      drainingSeconds: props.drainingSeconds,
      healthCheck: HEALTH_CHECK,
      securityPolicy: props.securityPolicy,
      endpointGroup: props.endpointGroup,
    },
    ingress: props.ingress,
    accounts: props.accounts,
    ...(stores === undefined
      ? {}
      : {
          network: stores.network,
          jobs: {
            migration: {
              args: ["migrate"],
              env: { ...stores.migrationVariables },
              timeoutSeconds: MIGRATION_SECONDS,
            },
            ...backupJobs(stores.backupVariables),
          },
        }),
    ...(props.warmSpare ? { warmSparePriorityClassName: PRIORITY_CLASSES.spare.name } : {}),
  };
}

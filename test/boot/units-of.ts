/** Serving units to render: the shipped environments' and drawn ones. */

import fc from "fast-check";
import { TASK_NAMES, tableOf } from "../../app/src/contract/tasks";
import { environmentOf } from "../../environment/environment";
import { machineUnit } from "../../environment/machine-unit";
import { MODELS, type ModelName } from "../../planning/models";
import { type ServingUnit, servingUnit } from "../../planning/serving-unit";
import { settingsOf } from "../support/environments";

/** The unit of an environment's first group. */
export function unitOf(environment: string): ServingUnit {
  const settings = settingsOf(environment);
  const [group] = settings.groups;
  if (group === undefined) throw new Error(`${environment} has no group`);
  return machineUnit(environmentOf(settings), group, "standard");
}

const isModelName = (name: string): name is ModelName => Object.hasOwn(MODELS, name);
const model = fc.constantFrom(...Object.keys(MODELS).filter(isModelName));
const digest = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
const image = fc.record({
  repository: fc.constantFrom("asia-northeast3-docker.pkg.dev/p/r/app", "us-central1-docker.pkg.dev/q/s/vllm"),
  digest: fc.option(
    digest.map((hex) => `sha256:${hex}`),
    { nil: undefined },
  ),
  tag: fc.constantFrom("v1.2.3", undefined),
});
const placement = fc.record({
  model,
  gpu: fc.integer({ min: 0, max: 3 }),
  memoryShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
  maxModelLen: fc.integer({ min: 1, max: 131072 }),
  maxNumSeqs: fc.integer({ min: 1, max: 256 }),
  maxLoras: fc.integer({ min: 0, max: 8 }),
});
const seconds = fc.integer({ min: 1, max: 3600 });

const STORES = {
  postgresHost: "postgres.test.terrace.internal",
  database: "terrace",
  account: "test-llm-vm@terrace-test.iam.gserviceaccount.com",
  databasePoolMax: 20,
  redisHost: "redis.test.terrace.internal",
  vectorStoreHost: "qdrant.test.terrace.internal",
  authoritiesBucket: "terrace-test-authorities",
};

/** Any unit of a machine with four GPUs. */
export const anyUnit: fc.Arbitrary<ServingUnit> = fc
  .record({
    appPort: fc.integer({ min: 1024, max: 8099 }),
    images: fc.record({ app: image, engine: image, dcgmExporter: image, nodeExporter: image }),
    modelSource: fc.constantFrom({ kind: "gcs" as const, bucket: "terrace-test-models" }, { kind: "image" as const }),
    engines: fc.array(placement, { minLength: 1, maxLength: 4 }),
    grace: fc.record({ preStopSeconds: seconds, gatewayDrainSeconds: seconds, engineShutdownSeconds: seconds }),
    reportLoad: fc.boolean(),
    adapterBucket: fc.constantFrom("terrace-test-adapters", undefined),
    stores: fc.constantFrom(STORES, undefined),
    preemptible: fc.boolean(),
  })
  .map((props) => {
    const placed = props.engines[0]?.model ?? "gemma3-4b-it";
    return servingUnit({ ...props, tasks: tableOf(TASK_NAMES, () => placed) });
  });

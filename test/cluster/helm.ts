import { dump } from "js-yaml";
import type { ChartUnderTest } from "../charts/llm-serving/helm";
import type { JsonObject } from "../support/json";
import { type Outcome, type RunningProgram, startInCluster } from "./kubectl";
import { withReleaseChecks } from "./simulated-release-check";

/** For pods that get ready: a busy machine takes a while. */
const TIMEOUT_SECONDS = 90;

export interface ReleaseProps {
  readonly chart: ChartUnderTest;
  /** Must exist. */
  readonly namespace: string;
  readonly values: JsonObject;
  /** For all pods to be ready. @default enough for pods that get ready */
  readonly timeoutSeconds?: number;
}

/** Installs or upgrades a release as the stacks do: what is not ready in time is rolled back. */
export function tryRelease(props: ReleaseProps): Promise<Outcome> {
  return withReleaseChecks(props.namespace, () => startRelease(props).ended);
}

/** @throws Error with what helm says where the release fails */
export async function release(props: ReleaseProps): Promise<void> {
  const { ok, stderr } = await tryRelease(props);
  if (!ok) throw new Error(stderr);
}

/** Starts a release, and kills helm once a condition holds, as a runner does that is out of time. */
export async function cutOffRelease(props: ReleaseProps, until: () => Promise<void>): Promise<void> {
  const started = startRelease(props);
  try {
    await until();
  } finally {
    started.kill();
    await started.ended;
  }
}

function startRelease({ chart, namespace, values, timeoutSeconds = TIMEOUT_SECONDS }: ReleaseProps): RunningProgram {
  const flags = ["--namespace", namespace, "--atomic", "--cleanup-on-fail", `--timeout=${timeoutSeconds}s`];
  return startHelm(["upgrade", "--install", chart.release, chart.folder, ...flags, "--values", "-"], values);
}

export function helm(args: readonly string[]): Promise<Outcome> {
  return startHelm(args).ended;
}

function startHelm(args: readonly string[], values: JsonObject = {}): RunningProgram {
  return startInCluster("helm", args, dump(values, { noRefs: true }));
}

import { App } from "cdktf";
import { environmentOf } from "./environment/environment";
import { hasScheduledJobs } from "./environment/scheduled-jobs";
import { loadEnvironments } from "./settings/load";
import { SettingsError } from "./settings/schema/problems";
import type { Settings } from "./settings/schema/settings";
import { BootstrapStack } from "./stacks/bootstrap";
import { DataStack } from "./stacks/data";
import { EdgeStack } from "./stacks/edge";
import { FoundationStack } from "./stacks/foundation";
import { GkeClusterStack } from "./stacks/gke-cluster";
import { GkePlatformStack } from "./stacks/gke-platform";
import { GkeServingStack } from "./stacks/gke-serving";
import { OperationsStack } from "./stacks/operations";
import { VmServingStack } from "./stacks/vm-serving";

/** The stacks of one environment, in the order in which they are applied. */
export function addEnvironment(app: App, settings: Settings): void {
  const environment = environmentOf(settings);
  const bootstrap = new BootstrapStack(app, environment);
  const foundation = new FoundationStack(app, environment);
  foundation.addDependency(bootstrap);
  const serving = new VmServingStack(app, environment);
  serving.addDependency(foundation);
  const data = settings.data.kind === "managed" ? new DataStack(app, environment) : undefined;
  if (data !== undefined) {
    data.addDependency(foundation);
    serving.addDependency(data);
  }
  if (hasScheduledJobs(environment)) {
    const operations = new OperationsStack(app, environment);
    operations.addDependency(data ?? foundation);
    // Its watchdog reads their Prometheus, and is granted on each of them.
    if (settings.idleWatchdog !== null) operations.addDependency(serving);
  }
  const edge = new EdgeStack(app, environment);
  edge.addDependency(serving);
  if (settings.kubernetes !== null) {
    const cluster = new GkeClusterStack(app, environment);
    cluster.addDependency(foundation);
    // Its pods become users of the database.
    if (data !== undefined) cluster.addDependency(data);
    const platform = new GkePlatformStack(app, environment);
    platform.addDependency(cluster);
    const pods = new GkeServingStack(app, environment);
    pods.addDependency(platform);
    // Its backend service uses the endpoint groups that the release makes.
    if (settings.kubernetes.traffic.attached) edge.addDependency(pods);
  }
}

/**
 * cdktf captures a stack trace for every nested block, to say where a token came from, and nobody reads it; that is a
 * seventh of a synthesis. Errors do not go through this function: theirs are whole.
 */
export function withoutCreationTraces(work: () => void): void {
  const { captureStackTrace } = Error;
  Error.captureStackTrace = () => {};
  try {
    work();
  } finally {
    Error.captureStackTrace = captureStackTrace;
  }
}

/** Synthesizes every environment into `cdktf.out`; with a mistake in the settings it prints all of them and sets exit code 1. */
export function main(): void {
  try {
    const environments = loadEnvironments(process.env);
    withoutCreationTraces(() => {
      const app = new App();
      for (const settings of environments) addEnvironment(app, settings);
      app.synth();
    });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

// Tests import the wiring above and synthesize other settings with it.
if (require.main === module) main();

import { installed } from "../../testing/installed";
import { startCluster } from "./cluster";
import type { ControlPlane } from "./control-plane/control-plane";
import { PROGRAM } from "./control-plane/program";
import { customResourceDefinitions } from "./custom-resource-definitions";
import { cpuNodes, gpuNodes } from "./nodes";
import { priorityClasses } from "./platform";
import { CANNOT_START_CLUSTER } from "./variables";

/** Enough for what all test files release at the same time. */
const NODES = [...cpuNodes(12), ...gpuNodes(40)];

let shared: ControlPlane | undefined;

/**
 * Before the tests of the project `cluster`: one cluster for all of them, with nodes, the priorities of the platform and
 * the definitions of custom resources. Where it cannot be started, a variable holds why.
 */
export default async function startSharedCluster(): Promise<void> {
  const missing = [PROGRAM, "helm"].filter((program) => !installed(program));
  process.env[CANNOT_START_CLUSTER] =
    missing.length === 0 ? "" : `no ${missing.join(" and no ")} on the PATH (\`.ci/run\` builds them)`;
  if (missing.length > 0) return;
  endWithSignals();
  shared = await startCluster([...customResourceDefinitions(), ...priorityClasses(), ...NODES]);
}

export async function stopSharedCluster(): Promise<void> {
  const stopped = shared;
  shared = undefined;
  await stopped?.stop();
}

/** Jest calls no teardown after a signal. The parts end with this process; their folder goes as it exits. */
function endWithSignals(): void {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}

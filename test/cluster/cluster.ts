import { type ControlPlane, startControlPlane } from "./control-plane/control-plane";
import { apply, kubectl } from "./kubectl";
import { CLUSTER_KUBECONFIG } from "./variables";

/** Starts a cluster with these objects, nodes among them. What this process runs in a cluster, it runs in this one from now on. */
export async function startCluster(objects: readonly object[]): Promise<ControlPlane> {
  const cluster = await startControlPlane();
  process.env[CLUSTER_KUBECONFIG] = cluster.kubeconfig;
  try {
    await apply(objects);
    await kubectl(["wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s"]);
    await kubectl(["wait", "--for=condition=Established", "crds", "--all", "--timeout=60s"]);
    return cluster;
  } catch (thrown) {
    const ended = cluster.ended();
    await cluster.stop();
    throw ended === "" ? thrown : new Error(ended, { cause: thrown });
  }
}

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { exampleValues, LLM_SERVING } from "../charts/llm-serving/helm";
import { at } from "../charts/llm-serving/manifests";
import { blocksAlong, type JsonObject, textAt } from "../support/json";
import { startCluster } from "./cluster";
import type { ControlPlane } from "./control-plane/control-plane";
import { customResourceDefinitions } from "./custom-resource-definitions";
import { helm, release } from "./helm";
import { kubectl, type Outcome, objects, tryKubectl } from "./kubectl";
import { cpuNodes, gpuNodes } from "./nodes";
import { makeNamespace, priorityClasses } from "./platform";
import { describeInCluster } from "./requirement";
import { productionValues } from "./values";
import { untilEndpoints } from "./workload";

function drain(node: string, seconds: number): Promise<Outcome> {
  const flags = ["--ignore-daemonsets", "--delete-emptydir-data", `--timeout=${seconds}s`];
  return tryKubectl(["drain", node, ...flags]);
}

/** One gateway beside each of two engines. */
function besideEngineValues(): JsonObject {
  const values = exampleValues("beside-engine.yaml");
  const engines = at(values, "engines");
  const colours = { blue: { ...at(engines, "colours", "blue"), minReplicas: 2 } };
  return { ...values, engines: { ...engines, colours } };
}

/** Namespace, the Service whose endpoints are counted, values. */
const RELEASES: readonly (readonly [string, string, string, JsonObject])[] = [
  ["an engine", "drain", "engine-0", productionValues({ models: 1 })],
  ["an engine and a gateway in one pod", "drain-beside", "gateway", besideEngineValues()],
];

/** In a cluster of its own, with an L4 for each engine and no other. */
describeInCluster("kubectl drain", () => {
  let cluster: ControlPlane | undefined;

  beforeAll(async () => {
    cluster = await startCluster([
      ...customResourceDefinitions(),
      ...priorityClasses(),
      ...cpuNodes(3),
      ...gpuNodes(2),
    ]);
  });
  afterAll(() => cluster?.stop());

  /** One after the other, as at an upgrade of nodes. */
  describe.each(RELEASES)("of nodes with %s", (_, namespace, service, values) => {
    let nodes: readonly [string, string];

    beforeAll(async () => {
      await makeNamespace(namespace, "llm-serving");
      await release({ chart: LLM_SERVING, namespace, values });
      await untilEndpoints(namespace, { [service]: 2 });
      const engines = await objects("pods", "--namespace", namespace, "--selector=app.kubernetes.io/component=engine");
      const [first = "", second = ""] = engines.flatMap((pod) => blocksAlong(pod, "spec")).map(nodeName);
      nodes = [first, second];
    });

    afterAll(async () => {
      await helm(["uninstall", "llm", "--namespace", namespace, "--wait"]);
      for (const node of nodes) await kubectl(["uncordon", node]);
    });

    it("lets the first engine go", async () => {
      expect(await drain(nodes[0], 30)).toMatchObject({ ok: true });
      await untilEndpoints(namespace, { [service]: 1 });
    });

    it("waits for the second while the successor of the first has no node", async () => {
      const { ok, stderr } = await drain(nodes[1], 6);
      expect(ok).toBe(false);
      expect(stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget");
      await untilEndpoints(namespace, { [service]: 1 });
    });

    it("lets the second go once the successor is ready", async () => {
      await kubectl(["uncordon", nodes[0]]);
      await untilEndpoints(namespace, { [service]: 2 });
      expect(await drain(nodes[1], 30)).toMatchObject({ ok: true });
      await untilEndpoints(namespace, { [service]: 1 });
    });
  });
});

function nodeName(spec: JsonObject): string {
  return textAt(spec, "nodeName") ?? "";
}

import { beforeAll, expect, it } from "@jest/globals";
import { LLM_SERVING } from "../charts/llm-serving/helm";
import { BROKEN_IMAGE } from "./control-plane/simulated-kubelet";
import { helm, release, tryRelease } from "./helm";
import { makeNamespace } from "./platform";
import { describeInCluster } from "./requirement";
import { type Changes, productionValues } from "./values";
import { livingPods, readyEndpoints, replicasOf, scale, untilEndpoints } from "./workload";

const ENGINES = "app.kubernetes.io/component=engine";
const GATEWAYS = "app.kubernetes.io/component=gateway";

/** One after the other, as in the life of a release. */
describeInCluster("a release of llm-serving with two pods a model", () => {
  const namespace = "rollout";
  const deploy = (changes: Changes) => release({ chart: LLM_SERVING, namespace, values: productionValues(changes) });

  beforeAll(() => makeNamespace(namespace, "llm-serving"));

  it("is installed, and its autoscalers bring as many pods as they must", async () => {
    await deploy({});
    await untilEndpoints(namespace, { "engine-0": 2, "engine-1": 2, "engine-2": 2, gateway: 3 });
  });

  it("keeps the numbers of pods that autoscalers set when it is upgraded, and leaves gateways alone", async () => {
    await scale(namespace, "engine-0-blue", 4);
    await scale(namespace, "gateway", 5);
    const before = { replicas: await replicasOf(namespace), gateways: await livingPods(namespace, GATEWAYS) };
    await deploy({ blue: { tag: "v2", minReplicas: 2, extraReplicas: 2 } });
    expect(await replicasOf(namespace)).toEqual(before.replicas);
    expect(await livingPods(namespace, GATEWAYS)).toEqual(before.gateways);
    await untilEndpoints(namespace, { "engine-0": 4, "engine-1": 2, "engine-2": 2, gateway: 5 });
    const images = [...(await livingPods(namespace, ENGINES)).values()];
    expect(new Set(images)).toEqual(new Set(["registry.example.com/acme/vllm:v2"]));
  });

  it("moves traffic between colours without starting or stopping a pod", async () => {
    const blue = { tag: "v2", minReplicas: 2, extraReplicas: 2 };
    const green = { tag: "v3", minReplicas: 1 };
    await deploy({ blue, green, serving: "both" });
    await untilEndpoints(namespace, { "engine-0": 5, "engine-1": 3, "engine-2": 3 });
    const pods = await livingPods(namespace);
    await deploy({ blue, green, serving: "green" });
    await untilEndpoints(namespace, { "engine-0": 1, "engine-1": 1, "engine-2": 1 });
    expect((await readyEndpoints(namespace, "engine-0"))[0]).toMatch(/^engine-0-green-/);
    expect(await livingPods(namespace)).toEqual(pods);
    const rolledBack = await helm(["rollback", "llm", "--namespace", namespace, "--wait"]);
    expect(rolledBack.stderr).toBe("");
    await untilEndpoints(namespace, { "engine-0": 5, "engine-1": 3, "engine-2": 3 });
    expect(await livingPods(namespace)).toEqual(pods);
  });

  it("is rolled back from an image that never gets ready, while the version before goes on serving", async () => {
    await deploy({ blue: { tag: "v2", minReplicas: 2, extraReplicas: 2 } });
    await untilEndpoints(namespace, { "engine-0": 4, "engine-1": 2, "engine-2": 2 });
    const values = productionValues({ blue: { tag: BROKEN_IMAGE, minReplicas: 2, extraReplicas: 2 } });
    const failed = tryRelease({ chart: LLM_SERVING, namespace, values, timeoutSeconds: 15 });
    await untilEndpoints(namespace, { "engine-0": 3, "engine-1": 1, "engine-2": 1 });
    const { ok, stderr } = await failed;
    expect(ok).toBe(false);
    expect(stderr).toContain("rolled back due to atomic being set");
    await untilEndpoints(namespace, { "engine-0": 4, "engine-1": 2, "engine-2": 2 });
    const images = [...(await livingPods(namespace, ENGINES)).values()];
    expect(new Set(images)).toEqual(new Set(["registry.example.com/acme/vllm:v2"]));
  });
});

/** Helm waits for the pods of a Deployment less those that may be missing: of one for none. */
describeInCluster("a release of llm-serving with a pod that has no other beside it", () => {
  const namespace = "single";
  const good = { tag: "v1", minReplicas: 1 };
  const broken = { tag: BROKEN_IMAGE, minReplicas: 1 };
  const props = (changes: Changes) => ({
    chart: LLM_SERVING,
    namespace,
    values: productionValues({ models: 1, ...changes }),
  });

  beforeAll(async () => {
    await makeNamespace(namespace, "llm-serving");
    await release(props({ blue: good }));
    await untilEndpoints(namespace, { "engine-0": 1, gateway: 3 });
  });

  it.each([
    ["the only pod", { blue: broken }],
    ["a canary that serves", { blue: good, green: broken, serving: "both" }],
  ] as const)(
    "fails where %s has an image that never gets ready, and the version before serves again",
    async (_, changes) => {
      const { ok, stderr } = await tryRelease({ ...props(changes), timeoutSeconds: 15 });
      expect(ok).toBe(false);
      expect(stderr).toContain("rolled back due to atomic being set");
      await untilEndpoints(namespace, { "engine-0": 1 });
      expect([...(await livingPods(namespace, ENGINES)).values()]).toEqual(["registry.example.com/acme/vllm:v1"]);
    },
  );

  it("is done where a colour that does not serve has such an image", async () => {
    await release(props({ blue: good, green: broken, serving: "blue" }));
    await untilEndpoints(namespace, { "engine-0": 1 });
  });
});

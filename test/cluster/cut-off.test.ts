import { beforeAll, expect, it } from "@jest/globals";
import { LLM_SERVING } from "../charts/llm-serving/helm";
import { BROKEN_IMAGE } from "./control-plane/simulated-kubelet";
import { eventually } from "./eventually";
import { cutOffRelease, helm, release, tryRelease } from "./helm";
import { makeNamespace } from "./platform";
import { describeInCluster } from "./requirement";
import { type Changes, productionValues } from "./values";
import { untilEndpoints } from "./workload";

/** One after the other: first a release that was never whole, then one that was. */
describeInCluster("a release that is cut off while it waits for pods", () => {
  const namespace = "cut-off";
  const props = (changes: Changes) => ({
    chart: LLM_SERVING,
    namespace,
    values: productionValues({ models: 1, ...changes }),
  });
  const broken = { blue: { tag: BROKEN_IMAGE, minReplicas: 2 } };
  const statusIs = (status: string) =>
    eventually(async () => {
      const { stdout } = await helm(["status", "llm", "--namespace", namespace]);
      return stdout.includes(`STATUS: ${status}`) ? undefined : stdout;
    });

  beforeAll(() => makeNamespace(namespace, "llm-serving"));

  it("blocks the next one, and is mended by an uninstallation where it was the first", async () => {
    await cutOffRelease(props(broken), () => statusIs("pending-install"));
    const blocked = await tryRelease(props({}));
    expect(blocked.ok).toBe(false);
    expect(blocked.stderr).toMatch(/another operation \(install\/upgrade\/rollback\) is in progress/);
    expect(await helm(["uninstall", "llm", "--namespace", namespace, "--wait"])).toMatchObject({ ok: true });
    await release(props({}));
    await untilEndpoints(namespace, { "engine-0": 2, gateway: 3 });
  });

  it("blocks the next one, and is mended by a rollback where one was whole before", async () => {
    await cutOffRelease(props(broken), () => statusIs("pending-upgrade"));
    const blocked = await tryRelease(props({}));
    expect(blocked.ok).toBe(false);
    expect(blocked.stderr).toMatch(/another operation \(install\/upgrade\/rollback\) is in progress/);
    expect(await helm(["rollback", "llm", "1", "--namespace", namespace, "--wait"])).toMatchObject({ ok: true });
    await untilEndpoints(namespace, { "engine-0": 2, gateway: 3 });
    await release(props({ blue: { tag: "v2", minReplicas: 2 } }));
  });
});

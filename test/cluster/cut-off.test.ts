import { beforeAll, expect, it } from "@jest/globals";
import { LLM_SERVING } from "../charts/llm-serving/helm";
import { BROKEN_IMAGE } from "./control-plane/simulated-kubelet";
import { cutOffRelease, helm, release, tryRelease } from "./helm";
import { kubectl } from "./kubectl";
import { makeNamespace } from "./platform";
import { describeInCluster } from "./requirement";
import { type Changes, productionValues } from "./values";
import { waitFor } from "./wait-for";
import { untilEndpoints } from "./workload";

/** The record of an unfinished revision, as docs/runbooks/release-stuck.md says. */
function deleteRecord(namespace: string, revision: number): Promise<string> {
  return kubectl(["--namespace", namespace, "delete", "configmap", `sh.helm.release.v1.llm.v${revision}`]);
}

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
    waitFor(async () => {
      const { stdout } = await helm(["status", "llm", "--namespace", namespace]);
      return stdout.includes(`STATUS: ${status}`) ? undefined : stdout;
    });
  const isBlocked = async () => {
    const { ok, stderr } = await tryRelease(props({}));
    expect(ok).toBe(false);
    expect(stderr).toMatch(/another operation \(install\/upgrade\/rollback\) is in progress/);
  };

  beforeAll(() => makeNamespace(namespace, "llm-serving"));

  it("blocks the next one until its record is deleted, where it was the first", async () => {
    await cutOffRelease(props(broken), () => statusIs("pending-install"));
    await isBlocked();
    await deleteRecord(namespace, 1);
    await release(props({}));
    await untilEndpoints(namespace, { "engine-0": 2, gateway: 3 });
  });

  it("blocks the next one until its record is deleted; where one was whole before, that goes on serving", async () => {
    await cutOffRelease(props(broken), () => untilEndpoints(namespace, { "engine-0": 1 }));
    await isBlocked();
    await deleteRecord(namespace, 2);
    await release(props({}));
    await untilEndpoints(namespace, { "engine-0": 2, gateway: 3 });
  });

  it("is rolled back after its record is deleted", async () => {
    await cutOffRelease(props(broken), () => untilEndpoints(namespace, { "engine-0": 1 }));
    // After the first, and the second in place of the one whose record went.
    await deleteRecord(namespace, 3);
    expect(await helm(["rollback", "llm", "2", "--namespace", namespace, "--wait"])).toMatchObject({ ok: true });
    await untilEndpoints(namespace, { "engine-0": 2, gateway: 3 });
  });
});

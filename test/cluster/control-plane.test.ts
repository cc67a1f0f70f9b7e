import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { at, objectName } from "../charts/llm-serving/manifests";
import { BROKEN_IMAGE } from "./control-plane/simulated-kubelet";
import { apply, kubectl, objects } from "./kubectl";
import { describeInCluster, withoutCluster } from "./requirement";
import { waitFor } from "./wait-for";

describe("the cluster of these tests", () => {
  it("is started, or is not required", () => {
    const reason = withoutCluster();
    if (reason === "") return;
    expect(process.env.TERRACE_REQUIRE_KUBERNETES).not.toBe("1");
    process.stderr.write(`tests in a Kubernetes cluster did not run: ${reason}\n`);
  });
});

describeInCluster("the control plane", () => {
  const namespace = "control-plane";
  const pod = (name: string, image: string) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [{ name: "only", image }] },
  });

  beforeAll(async () => {
    await kubectl(["create", "namespace", namespace]);
    await waitFor(async () => {
      const accounts = await objects("serviceaccounts", "--namespace", namespace);
      return accounts.length > 0 ? undefined : "no service account";
    });
  });
  afterAll(() => kubectl(["delete", "namespace", namespace, "--wait=false"]));

  it("is the version that the charts are written for", async () => {
    expect(await kubectl(["get", "--raw=/version"])).toMatch(/"gitVersion": "v1\.32\.\d+"/);
  });

  it("places pods on nodes, and simulates that they get ready, but none of a broken image", async () => {
    await apply([pod("good", "example/app:v1"), pod("bad", `example/${BROKEN_IMAGE}:v1`)]);
    await waitFor(async () => {
      const pods = await objects("pods", "--namespace", namespace);
      const seen = Object.fromEntries(
        pods.map((each) => [
          objectName(each),
          `${at(each, "status").phase} on ${at(each, "spec").nodeName !== undefined}`,
        ]),
      );
      return seen.good === "Running on true" && seen.bad === "Pending on true" ? undefined : JSON.stringify(seen);
    });
  });

  it("has nodes with an L4 of which pods without a toleration keep away", async () => {
    const pods = await objects("pods", "--namespace", namespace);
    for (const each of pods) expect(at(each, "spec").nodeName).toMatch(/^cpu-/);
  });
});

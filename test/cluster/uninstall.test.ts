import { beforeAll, expect, it } from "@jest/globals";
import { exampleValues, LLM_SERVING } from "../charts/llm-serving/helm";
import { at, objectKind, objectName } from "../charts/llm-serving/manifests";
import { eventually } from "./eventually";
import { helm, release } from "./helm";
import { kubectl, objects } from "./kubectl";
import { makeNamespace } from "./platform";
import { describeInCluster } from "./requirement";

/** Everything in a namespace, as `<kind> <name>`, but events and what has an owner, which goes with it. */
async function inventory(namespace: string): Promise<readonly string[]> {
  const kinds = (await kubectl(["api-resources", "--namespaced", "--verbs=list", "--output=name"])).trim().split("\n");
  const found = await objects(kinds.filter((kind) => !kind.startsWith("events")).join(","), "--namespace", namespace);
  return found
    .filter((object) => at(object, "metadata").ownerReferences === undefined)
    .map((object) => `${objectKind(object)} ${objectName(object)}`)
    .sort();
}

describeInCluster("helm uninstall of llm-serving", () => {
  const namespace = "uninstall";
  let before: readonly string[];

  beforeAll(async () => {
    await makeNamespace(namespace, "llm-serving");
    before = await inventory(namespace);
    await release({ chart: LLM_SERVING, namespace, values: exampleValues("everything.yaml") });
  });

  it("leaves what its hooks made for migrations, and nothing else", async () => {
    expect((await inventory(namespace)).length).toBeGreaterThan(before.length + 20);
    const { ok, stderr } = await helm(["uninstall", "llm", "--namespace", namespace, "--wait"]);
    expect({ ok, stderr }).toEqual({ ok: true, stderr: "" });
    const expected = [...before, "NetworkPolicy migration", "ServiceAccount migration"].sort();
    await eventually(async () => {
      const left = await inventory(namespace);
      return JSON.stringify(left) === JSON.stringify(expected) ? undefined : left.join(", ");
    });
  });
});

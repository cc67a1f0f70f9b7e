import { expect, it } from "@jest/globals";
import { describeWith } from "../../../testing/programs";
import { blocksAt, type JsonObject } from "../../support/json";
import { EXAMPLE_NAMES, exampleValues, render } from "./helm";
import { at, type PodTemplate, podTemplates, withValue } from "./manifests";
import { securityProblems } from "./pod-security";

describeWith(["helm"], "Pod Security restricted", () => {
  it.each(EXAMPLE_NAMES)("holds for every pod of ci/%s", (name) => {
    const pods = podTemplates(render(exampleValues(name)));
    expect(pods.length).toBeGreaterThan(1);
    expect(pods.flatMap(securityProblems)).toEqual([]);
  });

  const [pod] = podTemplates(render(exampleValues("production.yaml")));
  if (pod === undefined) throw new Error("nothing was rendered");
  const withSpec = (spec: JsonObject): PodTemplate => ({ ...pod, spec });
  const withContainer = (path: readonly string[], value: JsonObject[string]): PodTemplate => {
    const [first = {}, ...others] = blocksAt(pod.spec, "containers");
    return withSpec({ ...pod.spec, containers: [withValue(first, path, value), ...others] });
  };

  it.each<readonly [string, PodTemplate]>([
    ["hostNetwork", withSpec({ ...pod.spec, hostNetwork: true })],
    ["may run as root", withSpec(withValue(pod.spec, ["securityContext", "runAsNonRoot"], false))],
    ["names no user other than root", withSpec(withValue(pod.spec, ["securityContext", "runAsUser"], 0))],
    ["has no seccomp profile", withSpec(withValue(pod.spec, ["securityContext", "seccompProfile"], {}))],
    ["carries a token", withSpec({ ...pod.spec, automountServiceAccountToken: true })],
    ["mounts a hostPath", withSpec({ ...pod.spec, volumes: [{ name: "x", hostPath: { path: "/" } }] })],
    ["is privileged", withContainer(["securityContext", "privileged"], true)],
    ["may gain privileges", withContainer(["securityContext", "allowPrivilegeEscalation"], true)],
    ["keeps capabilities", withContainer(["securityContext", "capabilities"], {})],
    ["adds capabilities", withContainer(["securityContext", "capabilities", "add"], ["NET_ADMIN"])],
    ["can write its root file system", withContainer(["securityContext", "readOnlyRootFilesystem"], false)],
    ["runs as root", withContainer(["securityContext", "runAsUser"], 0)],
    ["takes a port of the node", withContainer(["ports"], [{ containerPort: 1, hostPort: 1 }])],
    ["has no requests or no limits", withContainer(["resources"], at(pod.spec, "nothing"))],
  ])("catches a pod that %s", (problem, planted) => {
    expect(securityProblems(planted).join("\n")).toContain(problem);
  });
});

/**
 * Pod Security `restricted`, and our stricter rules. Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import { blocksAt, type JsonObject, textAt, textsAt } from "../../support/json";
import { at, containersOf, type PodTemplate } from "./manifests";

/** Volumes that `restricted` allows. */
const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** Everything that would be refused, or that we would regret; empty where there is nothing. */
export function securityProblems(pod: PodTemplate): readonly string[] {
  const { spec, owner } = pod;
  const podProblems = [
    ...["hostNetwork", "hostPID", "hostIPC"].filter((field) => spec[field] === true),
    ...(at(spec, "securityContext").runAsNonRoot === true ? [] : ["may run as root"]),
    ...(Number(at(spec, "securityContext").runAsUser) > 0 ? [] : ["names no user other than root"]),
    ...(textAt(at(spec, "securityContext", "seccompProfile"), "type") === "RuntimeDefault"
      ? []
      : ["has no seccomp profile"]),
    ...(spec.automountServiceAccountToken === false ? [] : ["carries a token of the cluster"]),
    ...blocksAt(spec, "volumes").flatMap((volume) =>
      Object.keys(volume)
        .filter((key) => key !== "name" && !VOLUMES.includes(key))
        .map((key) => `mounts a ${key}`),
    ),
  ];
  return [...podProblems, ...containersOf(pod).flatMap(containerProblems)].map((problem) => `${owner}: ${problem}`);
}

function containerProblems(container: JsonObject): readonly string[] {
  const context = at(container, "securityContext");
  const resources = at(container, "resources");
  const name = textAt(container, "name") ?? "";
  const problems = [
    ...(context.privileged === true ? ["is privileged"] : []),
    ...(context.allowPrivilegeEscalation === false ? [] : ["may gain privileges"]),
    ...(textsAt(at(context, "capabilities"), "drop").includes("ALL") ? [] : ["keeps capabilities"]),
    ...(textsAt(at(context, "capabilities"), "add").length === 0 ? [] : ["adds capabilities"]),
    ...(context.readOnlyRootFilesystem === true ? [] : ["can write its root file system"]),
    ...(context.runAsUser === undefined || Number(context.runAsUser) > 0 ? [] : ["runs as root"]),
    ...(blocksAt(container, "ports").some((port) => port.hostPort !== undefined) ? ["takes a port of the node"] : []),
    ...(["cpu", "memory", "ephemeral-storage"].every(
      (of) => at(resources, "requests")[of] !== undefined && at(resources, "limits")[of] !== undefined,
    )
      ? []
      : ["has no requests or no limits"]),
  ];
  return problems.map((problem) => `${name} ${problem}`);
}

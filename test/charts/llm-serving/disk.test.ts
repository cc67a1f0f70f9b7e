/** What pods may write to their node's disk. */
import { expect, it } from "@jest/globals";
import { describeWith } from "../../../testing/programs";
import { blocksAt, isObject, type JsonObject, textAt } from "../../support/json";
import { CLUSTER_NAMES, clusterSettings } from "./environments";
import { EXAMPLE_NAMES, exampleValues, render } from "./helm";
import { at, containersOf, type PodTemplate, podTemplates } from "./manifests";
import { stackValues } from "./release";

const UNITS: Readonly<Record<string, number>> = { Mi: 1, Gi: 1024 };
/** Five files of 10 MiB. https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation */
const LOG_MIB = 50;

function mebibytes(quantity: unknown): number {
  const [, amount, unit = ""] = /^([0-9]+)(Mi|Gi)$/.exec(String(quantity)) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new Error(`"${quantity}" is no quantity in Mi or Gi`);
  return Number(amount) * factor;
}

function emptyDirs({ spec }: PodTemplate): readonly JsonObject[] {
  return blocksAt(spec, "volumes").flatMap(({ emptyDir }) => (isObject(emptyDir) ? [emptyDir] : []));
}

const disk = (container: JsonObject, of: "limits" | "requests") =>
  mebibytes(at(container, "resources", of)["ephemeral-storage"]);

/** The kubelet evicts a pod whose logs and volumes are beyond the sum of its containers' limits. */
function podLimit({ spec }: PodTemplate): number {
  const sidecars = blocksAt(spec, "initContainers").filter((each) => textAt(each, "restartPolicy") === "Always");
  return [...blocksAt(spec, "containers"), ...sidecars].reduce((sum, each) => sum + disk(each, "limits"), 0);
}

describeWith(["helm"], "ephemeral storage", () => {
  it.each([
    ...EXAMPLE_NAMES.map((name) => [`ci/${name}`, () => exampleValues(name)] as const),
    ...CLUSTER_NAMES.map((name) => [`settings: ${name}`, () => stackValues(clusterSettings(name))] as const),
  ])("of %s is bounded, above what each pod may keep there", (_, values) => {
    const pods = podTemplates(render(values()));
    expect(pods.length).toBeGreaterThan(1);
    for (const pod of pods) {
      const volumes = emptyDirs(pod);
      expect(volumes.every(({ sizeLimit }) => sizeLimit !== undefined)).toBe(true);
      const onDisk = volumes.filter(({ medium }) => medium !== "Memory");
      const kept = onDisk.reduce((sum, { sizeLimit }) => sum + mebibytes(sizeLimit), 0);
      const containers = containersOf(pod);
      const logs = LOG_MIB * containers.length;
      expect({ pod: pod.owner, fits: podLimit(pod) >= kept + logs }).toEqual({ pod: pod.owner, fits: true });
      // The API server refuses a request above its limit.
      for (const each of containers) expect(disk(each, "limits")).toBeGreaterThanOrEqual(disk(each, "requests"));
    }
  });
});

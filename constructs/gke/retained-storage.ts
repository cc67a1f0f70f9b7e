import { StorageClassV1 } from "@cdktf/provider-kubernetes/lib/storage-class-v1";
import { Construct } from "constructs";

export interface RetainedStorageProps {
  readonly name: string;
  /** Labels of the disks; the provider's default labels do not reach them. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Storage class of balanced disks that outlive their claim, for data that no redeploy brings back. Whoever deletes a claim
 * deletes the disk too, by hand.
 *
 * A disk is made in the zone of the pod that first asks for it, and the pod is bound to that zone from then on.
 *
 * @example
 * new RetainedStorage(this, "retained", { name: "retained", labels: { environment: "production" } });
 */
export class RetainedStorage extends Construct {
  constructor(scope: Construct, id: string, { name, labels }: RetainedStorageProps) {
    super(scope, id);
    new StorageClassV1(this, "class", {
      metadata: { name },
      // https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/gce-pd-csi-driver
      storageProvisioner: "pd.csi.storage.gke.io",
      parameters: {
        type: "pd-balanced",
        labels: Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(","),
      },
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
  }
}

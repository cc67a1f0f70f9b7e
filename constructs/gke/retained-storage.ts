import { StorageClassV1 } from "@cdktf/provider-kubernetes/lib/storage-class-v1";
import { Construct } from "constructs";

export interface RetainedStorageProps {
  readonly name: string;
  /** The provider's default labels do not reach disks. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Disks outlive their claim: whoever deletes a claim deletes the disk by hand. A disk is made in the zone of its first
 * pod, which is bound to that zone from then on.
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

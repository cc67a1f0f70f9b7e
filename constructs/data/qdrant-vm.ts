import type { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import type { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { Construct } from "constructs";
import type { ImageReference } from "../../planning/images";
import { StatefulVm, type StatefulVmProps } from "../compute/stateful-vm";
import { qdrantUserData } from "./qdrant-user-data";

export interface QdrantVmProps extends Omit<StatefulVmProps, "role" | "userData"> {
  /** Qdrant, e.g. from Artifact Registry's mirror of Docker Hub. */
  readonly image: ImageReference;
}

/**
 * Qdrant on a VM of its own: one container, read-only but for the data disk.
 *
 * The disk is formatted only when it is blank, mounted by device name and kept when the VM is replaced. Qdrant takes no
 * API key: the key would travel in clear text over HTTP and lie on every GPU VM, so it would keep out nobody who can
 * reach the port; the firewall admits the service accounts of the GPU VMs alone, and there is no external address.
 * For snapshots, attach a schedule to {@link disk}.
 *
 * @example
 * const qdrant = new QdrantVm(this, "qdrant", {
 *   name: names.of("qdrant"), zone: "asia-northeast3-a", machineType: "e2-standard-2", diskGb: 50,
 *   subnetwork: names.subnetworkLink(), serviceAccountEmail: names.accountEmail(VECTOR_STORE),
 *   image: imageReference(names, images.qdrant), environment: "production", deletionProtection: true,
 * });
 * new PrivateRecord(this, "qdrant-name", { zone: names.of("private"), host: "qdrant.terrace.internal", address: qdrant.address });
 */
export class QdrantVm extends Construct {
  readonly instance: ComputeInstance;
  /** Holds the collections. */
  readonly disk: ComputeDisk;
  /** Private IPv4 address, known after the first apply. */
  readonly address: string;

  constructor(scope: Construct, id: string, props: QdrantVmProps) {
    super(scope, id);
    const { image, ...machine } = props;
    const vm = new StatefulVm(this, "machine", { ...machine, role: "qdrant", userData: qdrantUserData(image) });
    this.instance = vm.instance;
    this.disk = vm.disk;
    this.address = vm.address;
  }
}

import type { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import type { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { Construct } from "constructs";
import type { ImageReference } from "../../planning/images";
import { StatefulVm, type StatefulVmProps } from "../compute/stateful-vm";
import { qdrantUserData } from "./qdrant-user-data";

export interface QdrantVmProps extends Omit<StatefulVmProps, "role" | "userData"> {
  readonly image: ImageReference;
}

/**
 * One container, read-only but for the data disk, which is formatted only when blank and kept when the VM is replaced.
 * No API key: it would travel in clear text and lie on every GPU VM. The firewall admits the GPU VMs' accounts alone.
 * For snapshots, attach a schedule to {@link disk}.
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
  readonly disk: ComputeDisk;
  /** Private IPv4, known after the first apply. */
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

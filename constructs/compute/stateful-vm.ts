import { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { Construct } from "constructs";
import { DISK_TYPE, SMALL_BOOT_DISK_GB } from "../../planning/disks";
import { COS_IMAGE, cosMetadata, SERVICE_ACCOUNT_SCOPES, SHIELDED_INSTANCE_CONFIG } from "./cos-machine";

/** Where the guest finds the data disk: `google-` and the device name. */
export const DATA_DEVICE_NAME = "data";

/** What the VMs that keep data have in common. */
export interface StatefulVmProps {
  /** Name of the VM; its disk is called `<name>-data`. */
  readonly name: string;
  readonly zone: string;
  /** E.g. `e2-standard-2`. */
  readonly machineType: string;
  /** Size of the pd-balanced data disk, GB. It can grow, not shrink. */
  readonly diskGb: number;
  /** Link of the subnetwork. */
  readonly subnetwork: string;
  readonly serviceAccountEmail: string;
  /** Value of the label `role`, by which others find the machine. */
  readonly role: string;
  /** Value of the label `environment`. */
  readonly environment: string;
  /** Cloud-init user data. */
  readonly userData: string;
  /**
   * Metadata that the boot scripts read, by key.
   * @default none
   */
  readonly configuration?: Readonly<Record<string, string>>;
  /**
   * Labels beside `role` and `environment`.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Google refuses to delete the VM, and Terraform to destroy the disk.
   * @default false
   */
  readonly deletionProtection?: boolean;
}

/**
 * A VM on Container-Optimized OS whose data lies on a disk of its own, so that the VM can be replaced and the data stay.
 *
 * Nothing is reachable from the internet: the VM has no external address. The disk is a resource beside the VM, attached
 * by device name, never deleted with it. E2 machines migrate live through host maintenance.
 */
export class StatefulVm extends Construct {
  readonly instance: ComputeInstance;
  readonly disk: ComputeDisk;

  constructor(scope: Construct, id: string, props: StatefulVmProps) {
    super(scope, id);
    const { name, zone, deletionProtection = false } = props;
    const labels = { ...props.labels, environment: props.environment, role: props.role };
    this.disk = new ComputeDisk(this, "data", {
      name: `${name}-data`,
      zone,
      size: props.diskGb,
      type: DISK_TYPE,
      labels,
      lifecycle: { preventDestroy: deletionProtection },
    });
    this.instance = new ComputeInstance(this, "vm", {
      name,
      zone,
      machineType: props.machineType,
      labels,
      metadata: cosMetadata(props.userData, props.configuration),
      networkInterface: [{ subnetwork: props.subnetwork, nicType: "GVNIC" }],
      scheduling: { automaticRestart: true, onHostMaintenance: "MIGRATE" },
      serviceAccount: { email: props.serviceAccountEmail, scopes: SERVICE_ACCOUNT_SCOPES },
      shieldedInstanceConfig: SHIELDED_INSTANCE_CONFIG,
      allowStoppingForUpdate: true,
      deletionProtection,
      bootDisk: {
        autoDelete: true,
        initializeParams: { image: COS_IMAGE, labels, size: SMALL_BOOT_DISK_GB, type: DISK_TYPE },
      },
      attachedDisk: [{ source: this.disk.selfLink, deviceName: DATA_DEVICE_NAME }],
    });
  }

  /** Private IPv4 address, known after the first apply. */
  get address(): string {
    return this.instance.networkInterface.get(0).networkIp;
  }
}

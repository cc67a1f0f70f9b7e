import { ComputeDisk } from "@cdktf/provider-google/lib/compute-disk";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { Construct } from "constructs";
import { DISK_TYPE, SMALL_BOOT_DISK_GB } from "../../planning/disks";
import {
  BOOT_DISK_LABELS_STAY,
  COS_IMAGE,
  cosMetadata,
  SERVICE_ACCOUNT_SCOPES,
  SHIELDED_INSTANCE_CONFIG,
} from "./cos-machine";

/** The guest finds the disk as `google-` and this. */
export const DATA_DEVICE_NAME = "data";

export interface StatefulVmProps {
  /** Its disk is called `<name>-data`. */
  readonly name: string;
  readonly zone: string;
  /** E.g. `e2-standard-2`. */
  readonly machineType: string;
  /** pd-balanced. It can grow, not shrink. */
  readonly diskGb: number;
  readonly subnetwork: string;
  readonly serviceAccountEmail: string;
  /** Label `role`, by which others find the machine. */
  readonly role: string;
  readonly environment: string;
  readonly userData: string;
  /** Metadata for the boot scripts. @default none */
  readonly configuration?: Readonly<Record<string, string>>;
  /** Beside `role` and `environment`. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** In Google Cloud for the VM, and in Terraform for VM and disk. @default false */
  readonly deletionProtection?: boolean;
}

/** The data disk is attached by device name and never deleted with the VM, which has no external address. */
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
      lifecycle: { ...BOOT_DISK_LABELS_STAY, preventDestroy: deletionProtection },
      deletionProtection,
      bootDisk: {
        autoDelete: true,
        initializeParams: { image: COS_IMAGE, labels, size: SMALL_BOOT_DISK_GB, type: DISK_TYPE },
      },
      attachedDisk: [{ source: this.disk.selfLink, deviceName: DATA_DEVICE_NAME }],
    });
  }

  /** Private IPv4, known after the first apply. */
  get address(): string {
    return this.instance.networkInterface.get(0).networkIp;
  }
}

export interface E2Shape {
  readonly vcpus: number;
  readonly memoryGib: number;
}

/** GiB of memory for each vCPU. Source: https://cloud.google.com/compute/docs/general-purpose-machines#e2_machine_types. */
const GIB_PER_VCPU: Readonly<Record<string, number>> = { standard: 4, highmem: 8 };

/** @throws RangeError for anything but `e2-standard-N` and `e2-highmem-N`; settings take no other. */
export function e2Shape(machineType: string): E2Shape {
  const [, family = "", size = ""] = /^e2-(standard|highmem)-(\d+)$/.exec(machineType) ?? [];
  const perVcpu = GIB_PER_VCPU[family];
  if (perVcpu === undefined) throw new RangeError(`"${machineType}" is no e2-standard or e2-highmem machine type`);
  return { vcpus: Number(size), memoryGib: Number(size) * perVcpu };
}

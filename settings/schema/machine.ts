import { z } from "zod";
import { isMachineType, MACHINE_TYPES, type MachineType } from "../../planning/gpus";
import { whole } from "./fields";

const type = z.string().refine((value): value is MachineType => isMachineType(value), {
  message: "is no machine shape with L4 GPUs",
  params: { fix: `write one of ${Object.keys(MACHINE_TYPES).join(", ")}` },
});
const bootDiskGb = whole(50, 2000, "GB");

export const machineField = z
  .strictObject({
    type: type.describe("Machine type of the GPU VMs; decides the number of L4s."),
    bootDiskGb: bootDiskGb
      .default(200)
      .describe("pd-balanced boot disk, which also holds images and model weights; 200 GB by default."),
  })
  .describe("Shape of every GPU VM.");

export const groupMachineField = z
  .strictObject({
    type: type.optional().describe("Machine type of the group's VMs; machine.type by default."),
    bootDiskGb: bootDiskGb.optional().describe("Boot disk of the group's VMs; machine.bootDiskGb by default."),
  })
  .optional()
  .describe(
    "Where the group's machines differ, as while their shape changes one group after the other; as `machine` by default.",
  );

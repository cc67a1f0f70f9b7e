import type { ServingUnit } from "../../../planning/serving-unit";

export interface ServingUserDataProps {
  readonly unit: ServingUnit;
  /** L4s of the machine. */
  readonly gpuCount: number;
  readonly driverVersion: string;
}

export function servingUserData(props: ServingUserDataProps): string {
  return `#cloud-config\n# ${props.unit.gateway.name}\n`;
}

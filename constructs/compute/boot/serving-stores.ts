import { ADAPTER_MOUNT } from "../../../app/src/contract/endpoints";
import { imageUri } from "../../../planning/images";
import type { EngineContainer, ServingUnit } from "../../../planning/serving-unit";
import { AUTHORITIES, AUTHORITY_FILES } from "../../../planning/shared-stores";
import type { BootScript } from "./boot-scripts";
import { daemonUnit, HOME_DIRECTORY, REGISTRY_UNIT, scriptUnit, unitName } from "./boot-units";
import { type ContainerProps, environmentPath } from "./container-unit";
import type { SystemdUnit } from "./systemd";

const ADAPTERS_UNIT = unitName("adapters");
const AUTHORITIES_UNIT = unitName("authorities");
const MIGRATION_UNIT = unitName("migration");

/** One folder a bucket. */
const ADAPTERS_DIRECTORY = `${HOME_DIRECTORY}/adapters`;
const AUTHORITIES_DIRECTORY = `${HOME_DIRECTORY}/authorities`;

type Needs = Required<Pick<ContainerProps, "options" | "requires" | "after">>;

const NOTHING: Needs = { options: [], requires: [], after: [] };

/** Adapters arrive while the engine runs. */
export function adapterNeeds({ loadsAdapters }: EngineContainer): Needs {
  if (!loadsAdapters) return NOTHING;
  return { ...NOTHING, options: [`--volume=${ADAPTERS_DIRECTORY}:${ADAPTER_MOUNT}:ro`], after: [ADAPTERS_UNIT] };
}

/** A gateway does not start while the database is behind its release. */
export function storeNeeds({ authoritiesBucket }: ServingUnit): Needs {
  if (authoritiesBucket === undefined) return NOTHING;
  const options = [`--volume=${AUTHORITIES_DIRECTORY}:${AUTHORITIES.directory}:ro`];
  return { ...NOTHING, options, requires: [MIGRATION_UNIT] };
}

export function storeUnits({ adapterBucket, authoritiesBucket }: ServingUnit): SystemdUnit[] {
  const adapters = { name: "adapters", description: "LoRA adapters of the bucket", script: "adapters.sh" } as const;
  const authorities = {
    name: "authorities",
    description: "Authorities of the stores",
    script: "authorities.sh",
  } as const;
  const migration = { name: "migration", description: "Schema of the database", script: "migration.sh" } as const;
  return [
    ...(adapterBucket === undefined ? [] : [daemonUnit(adapters)]),
    ...(authoritiesBucket === undefined
      ? []
      : [scriptUnit(authorities), scriptUnit({ ...migration, requires: [REGISTRY_UNIT, AUTHORITIES_UNIT] })]),
  ];
}

export function storeScripts({ adapterBucket, authoritiesBucket }: ServingUnit): BootScript[] {
  return [
    ...(adapterBucket === undefined ? [] : (["metadata.sh", "storage.sh", "adapters.sh"] as const)),
    ...(authoritiesBucket === undefined
      ? []
      : (["metadata.sh", "storage.sh", "authorities.sh", "migration.sh"] as const)),
  ];
}

/** @param user `uid:gid` of the gateway */
export function storeUnitVariables(unit: ServingUnit, user: string): Record<string, string> {
  const { adapterBucket, authoritiesBucket, gateway } = unit;
  return {
    ...(adapterBucket === undefined ? {} : { ADAPTERS_BUCKET: adapterBucket, ADAPTERS_DIR: ADAPTERS_DIRECTORY }),
    ...(authoritiesBucket === undefined
      ? {}
      : {
          APP_IMAGE: imageUri(gateway.image),
          APP_USER: user,
          AUTHORITIES: AUTHORITY_FILES.join(" "),
          AUTHORITIES_BUCKET: authoritiesBucket,
          AUTHORITIES_DIR: AUTHORITIES_DIRECTORY,
          AUTHORITIES_MOUNT: AUTHORITIES.directory,
          GATEWAY_ENVIRONMENT: environmentPath(gateway.name),
        }),
  };
}

import { BOOT_ENVIRONMENT, type BootScript, bootScripts } from "./boot-scripts";
import { containerName, daemonUnit, registryUnit, scriptUnit, TARGET, targetUnit, unitName } from "./boot-units";
import { type BootFile, cloudConfig } from "./cloud-config";
import { type ContainerProps, containerUnit, registryHosts } from "./container-unit";
import { environmentFile, type SystemdUnit } from "./systemd";

/** COS keeps this folder for it. */
const DATA_MOUNT = "/mnt/disks/data";
/** In memory. */
const SECRETS_DIRECTORY = "/run/terrace/secrets";

/** A folder of the data disk, and its owner. */
export interface DataDirectory {
  readonly name: string;
  readonly uid: number;
}

/** A secret as a file for one user. */
export interface SecretFile {
  readonly file: string;
  readonly uid: number;
  /** Its latest version is read at each boot. */
  readonly secret: string;
}

export interface StatefulUserDataProps {
  readonly description: string;
  readonly containers: readonly ContainerProps[];
  readonly directories: readonly DataDirectory[];
  /** TCP. @default reachable from the machine itself only */
  readonly openPorts?: readonly number[];
  /** @default none */
  readonly secrets?: { readonly project: string; readonly files: readonly SecretFile[] };
  /** Files in metadata ({@link configMetadata}), and the containers that get SIGHUP when one changes. @default none */
  readonly configuration?: { readonly directory: string; readonly readers: readonly string[] };
  /** Change at the next boot. @default none */
  readonly files?: readonly BootFile[];
}

export const SECRETS_UNIT = unitName("secrets");

export function dataVolume(directory: string, target: string): string {
  return `--volume=${DATA_MOUNT}/${directory}:${target}`;
}

export function secretVolume(file: string, target: string): string {
  return `--volume=${SECRETS_DIRECTORY}/${file}:${target}:ro`;
}

const DATA_DISK_UNIT = unitName("data-disk");
const PORTS_UNIT = unitName("ports");
const CONFIG_UNIT = unitName("config");

function preparation(props: StatefulUserDataProps) {
  const { openPorts = [], secrets, configuration, directories, containers } = props;
  const units: SystemdUnit[] = [
    registryUnit(registryHosts(containers.map(({ image }) => image))),
    scriptUnit({ name: "data-disk", description: "Data disk", script: "data-disk.sh" }),
  ];
  const scripts: BootScript[] = ["retry.sh", "data-disk.sh"];
  const variables: Record<string, string> = {
    DATA_DIRECTORIES: directories.map(({ name, uid }) => `${name}:${uid}`).join(" "),
    DATA_MOUNT,
  };
  const required = [DATA_DISK_UNIT];
  if (openPorts.length > 0) {
    units.push(scriptUnit({ name: "ports", description: "Ports in the machine's firewall", script: "ports.sh" }));
    scripts.push("ports.sh");
    variables.OPEN_PORTS = openPorts.join(" ");
    required.push(PORTS_UNIT);
  }
  if (configuration !== undefined) {
    units.push(
      scriptUnit({ name: "config", description: "Configuration files", script: "config.sh" }),
      daemonUnit({
        name: "config-watch",
        description: "Changes of the configuration",
        script: "config-watch.sh",
        requires: [CONFIG_UNIT],
      }),
    );
    scripts.push("metadata.sh", "config.sh", "config-watch.sh");
    variables.CONFIG_DIR = configuration.directory;
    variables.CONFIG_READERS = configuration.readers.map(containerName).join(" ");
    required.push(CONFIG_UNIT);
  }
  if (secrets !== undefined) {
    units.push(scriptUnit({ name: "secrets", description: "Secrets", script: "secrets.sh" }));
    scripts.push("metadata.sh", "secrets.sh");
    variables.PROJECT = secrets.project;
    variables.SECRETS = secrets.files.map(({ file, uid, secret }) => `${file}:${uid}:${secret}`).join(" ");
    variables.SECRETS_DIR = SECRETS_DIRECTORY;
  }
  return { units, scripts, variables, required };
}

/** Every container requires the mounted disk. @throws RangeError beyond a metadata value. */
export function statefulUserData(props: StatefulUserDataProps): string {
  const { units, scripts, variables, required } = preparation(props);
  const containers = props.containers.map((container) =>
    containerUnit({ ...container, requires: [...required, ...(container.requires ?? [])] }),
  );
  const all = [...units, ...containers.map(({ unit }) => unit)];
  return cloudConfig({
    files: [
      { path: BOOT_ENVIRONMENT, content: environmentFile(variables) },
      ...bootScripts([...new Set(scripts)]),
      ...(props.files ?? []),
      ...containers.map(({ file }) => file),
    ],
    units: [...all, targetUnit(props.description, all)],
    target: TARGET,
  });
}

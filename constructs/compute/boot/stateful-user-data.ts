/** Boot content of a VM that keeps data on a disk of its own: mount it, open ports, start containers. */
import { BOOT_ENVIRONMENT, type BootScript, bootScripts } from "./boot-scripts";
import { containerName, daemonUnit, registryUnit, scriptUnit, TARGET, targetUnit, unitName } from "./boot-units";
import { type BootFile, cloudConfig } from "./cloud-config";
import { type ContainerProps, containerUnit, registryHosts } from "./container-unit";
import { environmentFile, type SystemdUnit } from "./systemd";

/** Where the data disk is mounted; COS keeps this folder for it. */
const DATA_MOUNT = "/mnt/disks/data";
/** Where secrets lie, in memory. */
const SECRETS_DIRECTORY = "/run/terrace/secrets";

/** A folder of the data disk and the user that owns it. */
export interface DataDirectory {
  readonly name: string;
  readonly uid: number;
}

/** A secret of Secret Manager as a file that one user may read. */
export interface SecretFile {
  /** File name. */
  readonly file: string;
  readonly uid: number;
  /** Name of the secret; its latest version is read at each boot. */
  readonly secret: string;
}

export interface StatefulUserDataProps {
  readonly description: string;
  readonly containers: readonly ContainerProps[];
  readonly directories: readonly DataDirectory[];
  /**
   * TCP ports to open in the machine's firewall.
   * @default none: reachable from the machine itself only
   */
  readonly openPorts?: readonly number[];
  /**
   * Secrets, and the project that they are in.
   * @default none
   */
  readonly secrets?: { readonly project: string; readonly files: readonly SecretFile[] };
  /**
   * Configuration files that may change under the running machine: the folder that they are in, and the containers that
   * are told (SIGHUP). The files are metadata of the machine ({@link configMetadata}).
   * @default none
   */
  readonly configuration?: { readonly directory: string; readonly readers: readonly string[] };
  /**
   * Files that change at the next boot.
   * @default none
   */
  readonly files?: readonly BootFile[];
}

/** The unit that a container requires which reads a secret. */
export const SECRETS_UNIT = unitName("secrets");

/** `docker run` option that mounts a folder of the data disk. */
export function dataVolume(directory: string, target: string): string {
  return `--volume=${DATA_MOUNT}/${directory}:${target}`;
}

/** `docker run` option that mounts a secret. */
export function secretVolume(file: string, target: string): string {
  return `--volume=${SECRETS_DIRECTORY}/${file}:${target}:ro`;
}

const DATA_DISK_UNIT = unitName("data-disk");
const PORTS_UNIT = unitName("ports");
const CONFIG_UNIT = unitName("config");

/** Units and scripts that the props ask for, and what they read from the environment file. */
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

/**
 * User data of such a VM. Every container requires the mounted disk: none ever writes beside it.
 * @throws RangeError where the result does not fit a metadata value.
 */
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

/** A container as a systemd unit: `docker run` in the foreground, with nothing granted that is not listed. */

import { type ImageReference, imageUri } from "../../../planning/images";
import { containerName, HOME_DIRECTORY, PART_OF_TARGET, REGISTRY_UNIT, requires, unitName } from "./boot-units";
import type { BootFile } from "./cloud-config";
import { commandLine, type SystemdUnit } from "./systemd";

/** What runs, and what of the machine it sees. */
export interface ContainerProps {
  readonly name: string;
  readonly description: string;
  readonly image: ImageReference;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly stopTimeoutSeconds: number;
  /**
   * `uid:gid`.
   * @default the image's own
   */
  readonly user?: string;
  /**
   * The root file system cannot be written; `/tmp` is in memory.
   * @default true
   */
  readonly readOnly?: boolean;
  /**
   * `docker run` options for what is specific to the container: volumes, devices, capabilities.
   * @default none
   */
  readonly options?: readonly string[];
  /**
   * Units that must have succeeded before, beside the registry's credentials.
   * @default none
   */
  readonly requires?: readonly string[];
  /**
   * Units that are started earlier and stopped later, but may fail.
   * @default none
   */
  readonly after?: readonly string[];
}

/** Seconds beyond docker's own grace time after which systemd gives a stopping unit up. */
const STOP_MARGIN_SECONDS = 10;

/** Seconds between a crash and the next start. */
const RESTART_SECONDS = 10;

/** Where the variables of a container lie. */
export function environmentPath(name: string): string {
  return `/etc/terrace/containers/${name}.env`;
}

/**
 * File of `docker run --env-file`: one `NAME=value` a line, taken literally.
 * @throws RangeError for a value of several lines, which such a file cannot hold.
 */
function envFile(props: ContainerProps): BootFile {
  const names = Object.keys(props.env).sort();
  const lines = names.map((name) => {
    const value = props.env[name] ?? "";
    if (/[\r\n]/.test(value)) throw new RangeError(`${props.name}: ${name} holds a line break`);
    return `${name}=${value}\n`;
  });
  return { path: environmentPath(props.name), content: lines.join("") };
}

/** A digest never changes, so what is on the disk will do, registry or not; a tag is asked for at each start. */
function pullPolicy(image: ImageReference): string {
  return image.digest === undefined ? "always" : "missing";
}

function dockerRun(props: ContainerProps, environment: BootFile): string[] {
  return [
    "/usr/bin/docker",
    "run",
    "--rm",
    `--name=${containerName(props.name)}`,
    `--pull=${pullPolicy(props.image)}`,
    // One network for the unit, as in a pod: engines listen on loopback, and what is open is in the machine's firewall.
    "--network=host",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    // docker's default driver keeps everything; the logging agent of COS reads these files.
    "--log-opt=max-size=50m",
    "--log-opt=max-file=3",
    ...((props.readOnly ?? true) ? ["--read-only", "--tmpfs=/tmp"] : []),
    ...(props.user === undefined ? [] : [`--user=${props.user}`]),
    `--env-file=${environment.path}`,
    ...(props.options ?? []),
    imageUri(props.image),
    ...props.args,
  ];
}

/**
 * Unit and environment file of a container.
 *
 * It is restarted for ever. systemd stops units in the reverse of the order in which it starts them, so whatever must
 * outlive a container's draining goes into `requires` or `after`.
 */
export function containerUnit(props: ContainerProps): { readonly unit: SystemdUnit; readonly file: BootFile } {
  const file = envFile(props);
  const name = containerName(props.name);
  const after = props.after ?? [];
  const unit: SystemdUnit = {
    name: unitName(props.name),
    sections: {
      Unit: [
        ["Description", props.description],
        PART_OF_TARGET,
        // Never give up: docker or the registry may be away for longer than systemd's default of five starts.
        ["StartLimitIntervalSec", "0"],
        // On shutdown, network and docker are stopped after the container.
        ["Wants", ["network-online.target", ...after].join(" ")],
        ["After", ["network-online.target", "docker.service", ...after].join(" ")],
        ...requires([REGISTRY_UNIT, ...(props.requires ?? [])]),
      ],
      Service: [
        ["Type", "exec"],
        ["Environment", `HOME=${HOME_DIRECTORY}`],
        // Left over where the machine lost power.
        ["ExecStartPre", `-${commandLine(["/usr/bin/docker", "rm", "--force", name])}`],
        ["ExecStart", commandLine(dockerRun(props, file))],
        ["ExecStop", commandLine(["/usr/bin/docker", "stop", "-t", String(props.stopTimeoutSeconds), name])],
        ["TimeoutStartSec", "infinity"],
        ["TimeoutStopSec", String(props.stopTimeoutSeconds + STOP_MARGIN_SECONDS)],
        // docker reports 128 + SIGTERM for a container that was asked to stop.
        ["SuccessExitStatus", "143"],
        ["Restart", "always"],
        ["RestartSec", String(RESTART_SECONDS)],
      ],
    },
  };
  return { unit, file };
}

/** Hosts of Artifact Registry among the images: those that docker needs credentials for. */
export function registryHosts(images: readonly ImageReference[]): string[] {
  const hosts = images.map(({ repository }) => repository.split("/", 1)[0] ?? "");
  return [...new Set(hosts.filter((host) => host.endsWith("-docker.pkg.dev")))].sort();
}

/** `docker run` in the foreground, with nothing granted that is not listed. */

import { type ImageReference, imageUri } from "../../../planning/images";
import { containerName, HOME_DIRECTORY, PART_OF_TARGET, REGISTRY_UNIT, requires, unitName } from "./boot-units";
import type { BootFile } from "./cloud-config";
import { commandLine, type SystemdUnit } from "./systemd";

export interface ContainerProps {
  readonly name: string;
  readonly description: string;
  readonly image: ImageReference;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutSeconds: number;
  /** `uid:gid`. @default the image's own */
  readonly user?: string;
  /** Root file system; `/tmp` is in memory. @default true */
  readonly readOnly?: boolean;
  /** `docker run` options: volumes, devices, capabilities. @default none */
  readonly options?: readonly string[];
  /** Units that must have succeeded before. @default the registry's credentials alone */
  readonly requires?: readonly string[];
  /** Units that start earlier and stop later, but may fail. @default none */
  readonly after?: readonly string[];
}

/** Beyond docker's own grace time. */
const STOP_MARGIN_SECONDS = 10;

const RESTART_SECONDS = 10;

export function environmentPath(name: string): string {
  return `/etc/terrace/containers/${name}.env`;
}

/** @throws RangeError for a value of several lines, which `docker run --env-file` cannot hold. */
function envFile(props: ContainerProps): BootFile {
  const names = Object.keys(props.env).sort();
  const lines = names.map((name) => {
    const value = props.env[name] ?? "";
    if (/[\r\n]/.test(value)) throw new RangeError(`${props.name}: ${name} holds a line break`);
    return `${name}=${value}\n`;
  });
  return { path: environmentPath(props.name), content: lines.join("") };
}

/** A digest never changes, so the copy on the disk will do; a tag is pulled at each start. */
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
    // One network, as in a pod: engines listen on loopback, and the machine's firewall decides what is open.
    "--network=host",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    // docker's default keeps everything; COS' logging agent reads these files.
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

/** Restarts for ever. systemd stops in reverse order: what must outlive draining goes into `requires` or `after`. */
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
        // systemd's default gives up after five starts.
        ["StartLimitIntervalSec", "0"],
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
        // 128 + SIGTERM.
        ["SuccessExitStatus", "143"],
        ["Restart", "always"],
        ["RestartSec", String(RESTART_SECONDS)],
      ],
    },
  };
  return { unit, file };
}

/** Of Artifact Registry, which needs credentials. */
export function registryHosts(images: readonly ImageReference[]): string[] {
  const hosts = images.map(({ repository }) => repository.split("/", 1)[0] ?? "");
  return [...new Set(hosts.filter((host) => host.endsWith("-docker.pkg.dev")))].sort();
}

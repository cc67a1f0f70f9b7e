import { BOOT_ENVIRONMENT, type BootScript, scriptPath } from "./boot-scripts";
import { commandLine, type Directive, type SystemdUnit } from "./systemd";

const PREFIX = "terrace-";

export const TARGET = "terrace.target";

/** systemd makes it in `/var/lib`. */
const STATE_DIRECTORY = "terrace";

/** Kept between boots; root's own home is read-only on COS. Docker's configuration is in it. */
export const HOME_DIRECTORY = `/var/lib/${STATE_DIRECTORY}`;

export function unitName(name: string, type = "service"): string {
  return `${PREFIX}${name}.${type}`;
}

export function containerName(name: string): string {
  return `${PREFIX}${name}`;
}

/** Stopped and started with the target: `systemctl stop terrace.target` drains a machine. */
export const PART_OF_TARGET: Directive = ["PartOf", TARGET];

export function requires(units: readonly string[]): Directive[] {
  if (units.length === 0) return [];
  return [
    ["Requires", units.join(" ")],
    ["After", units.join(" ")],
  ];
}

/** The serial console reaches Cloud Logging even where the logging agent does not run. */
const LOG_TO_CONSOLE: readonly Directive[] = [
  ["StandardOutput", "journal+console"],
  ["StandardError", "journal+console"],
];

export interface ScriptUnitProps {
  readonly name: string;
  readonly description: string;
  readonly script: BootScript;
  /** @default none */
  readonly requires?: readonly string[];
}

/** Once a boot, without a start timeout: it retries by itself, and what requires it waits. */
export function scriptUnit(props: ScriptUnitProps): SystemdUnit {
  return {
    name: unitName(props.name),
    sections: {
      Unit: [
        ["Description", props.description],
        PART_OF_TARGET,
        ["Wants", "network-online.target"],
        ["After", "network-online.target docker.service"],
        ...requires(props.requires ?? []),
      ],
      Service: [
        ["Type", "oneshot"],
        ["RemainAfterExit", "yes"],
        ["EnvironmentFile", BOOT_ENVIRONMENT],
        ["Environment", `HOME=${HOME_DIRECTORY}`],
        ["ExecStart", commandLine(["/bin/bash", scriptPath(props.script)])],
        ["TimeoutStartSec", "infinity"],
        ["Restart", "on-failure"],
        ["RestartSec", "10"],
        ...LOG_TO_CONSOLE,
      ],
    },
  };
}

/** For as long as the machine runs. */
export function daemonUnit(props: ScriptUnitProps): SystemdUnit {
  return {
    name: unitName(props.name),
    sections: {
      Unit: [["Description", props.description], PART_OF_TARGET, ...requires(props.requires ?? [])],
      Service: [
        ["Type", "exec"],
        ["EnvironmentFile", BOOT_ENVIRONMENT],
        ["ExecStart", commandLine(["/bin/bash", scriptPath(props.script)])],
        ["Restart", "always"],
        ["RestartSec", "10"],
      ],
    },
  };
}

export const REGISTRY_UNIT = unitName("registry");

/** Docker pulls with the VM's identity; COS ships the credential helper. @throws RangeError without a host. */
export function registryUnit(hosts: readonly string[]): SystemdUnit {
  if (hosts.length === 0) throw new RangeError("no image is in Artifact Registry (<region>-docker.pkg.dev/...)");
  const login = ["/usr/bin/docker-credential-gcr", "configure-docker", `--registries=${hosts.join(",")}`];
  return {
    name: REGISTRY_UNIT,
    sections: {
      Unit: [
        ["Description", "Artifact Registry credentials for docker"],
        PART_OF_TARGET,
        ["Wants", "network-online.target"],
        ["Requires", "docker.service"],
        ["After", "network-online.target docker.service"],
      ],
      Service: [
        ["Type", "oneshot"],
        ["RemainAfterExit", "yes"],
        ["StateDirectory", STATE_DIRECTORY],
        ["Environment", `HOME=${HOME_DIRECTORY}`],
        ["ExecStart", commandLine(login)],
        ["Restart", "on-failure"],
        ["RestartSec", "10"],
        ...LOG_TO_CONSOLE,
      ],
    },
  };
}

export function targetUnit(description: string, units: readonly SystemdUnit[]): SystemdUnit {
  return {
    name: TARGET,
    sections: {
      Unit: [
        ["Description", description],
        ["Wants", units.map(({ name }) => name).join(" ")],
      ],
    },
  };
}

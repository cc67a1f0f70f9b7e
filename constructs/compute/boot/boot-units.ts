/** Units that prepare a machine for its containers. */
import { BOOT_ENVIRONMENT, type BootScript, scriptPath } from "./boot-scripts";
import { commandLine, type Directive, type SystemdUnit } from "./systemd";

/** Prefix of every unit and container of ours. */
const PREFIX = "terrace-";

/** The unit that pulls all others in. */
export const TARGET = "terrace.target";

/** `StateDirectory=`: a folder in `/var/lib` that systemd makes. */
const STATE_DIRECTORY = "terrace";

/** Writable and kept between boots; root's own home is read-only on COS. Holds docker's configuration. */
export const HOME_DIRECTORY = `/var/lib/${STATE_DIRECTORY}`;

/** `terrace-<name>.service`, or another type of unit. */
export function unitName(name: string, type = "service"): string {
  return `${PREFIX}${name}.${type}`;
}

/** Name of a container. */
export function containerName(name: string): string {
  return `${PREFIX}${name}`;
}

/** Stopped and started with the target: `systemctl stop terrace.target` drains a machine. */
export const PART_OF_TARGET: Directive = ["PartOf", TARGET];

/** Ordered after, and not started without. */
export function requires(units: readonly string[]): Directive[] {
  if (units.length === 0) return [];
  return [
    ["Requires", units.join(" ")],
    ["After", units.join(" ")],
  ];
}

/** To the journal, and to the serial console, which reaches Cloud Logging even where the logging agent does not run. */
const LOG_TO_CONSOLE: readonly Directive[] = [
  ["StandardOutput", "journal+console"],
  ["StandardError", "journal+console"],
];

export interface ScriptUnitProps {
  readonly name: string;
  readonly description: string;
  readonly script: BootScript;
  /**
   * Units that must have succeeded before.
   * @default none
   */
  readonly requires?: readonly string[];
}

/**
 * A script that prepares the machine, once a boot. No start timeout: it waits and retries by itself, and whatever
 * requires it waits too.
 */
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
        // Where docker finds the registry's credentials.
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

/** A script that runs as long as the machine does. */
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

/**
 * Lets docker pull from Artifact Registry with the identity of the VM; COS ships the credential helper.
 * @throws RangeError without a host: a machine that has no external address pulls from nowhere else.
 */
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

/** Starts everything; what one unit needs of another is said there. */
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

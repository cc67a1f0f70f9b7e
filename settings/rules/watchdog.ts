/** When the idle watchdog may run, and what it must leave. */
import { machinesOf } from "../../planning/machine-groups";
import type { SettingsProblem } from "../schema/problems";
import { rule } from "./rule";

/** It reads the last minutes from Prometheus. */
const needsPrometheus = rule(["idleWatchdog", "monitoring"], ({ idleWatchdog, monitoring }) =>
  idleWatchdog === null || monitoring !== null
    ? []
    : [
        {
          path: "idleWatchdog",
          value: idleWatchdog,
          rule: "asks Prometheus who was idle, and there is no monitoring",
          fix: "add monitoring: { zone }, or leave idleWatchdog out",
        },
      ],
);

/** A managed group starts again what somebody stops. */
const needsNamedMachines = rule(["idleWatchdog", "groups"], ({ idleWatchdog, groups }) =>
  idleWatchdog === null
    ? []
    : groups.flatMap(({ instances }, index): SettingsProblem[] =>
        instances.kind === "unmanaged"
          ? []
          : [
              {
                path: `groups[${index}].instances.kind`,
                value: instances.kind,
                rule: "starts again what the watchdog stops: its autoscaler already follows the load",
                fix: 'write kind: "unmanaged", or leave idleWatchdog out',
              },
            ],
      ),
);

const floor = rule(["idleWatchdog", "profile", "groups"], ({ idleWatchdog, profile, groups }) => {
  if (idleWatchdog === null) return [];
  const machines = groups.reduce((sum, group) => sum + machinesOf(group).max, 0);
  const at = { path: "idleWatchdog.floor", value: idleWatchdog.floor };
  if (idleWatchdog.floor >= machines) {
    return [
      {
        ...at,
        rule: `leaves nothing to stop: there are ${machines} machines`,
        fix: "lower it, or leave idleWatchdog out",
      },
    ];
  }
  if (profile !== "production" || idleWatchdog.floor >= 1) return [];
  return [
    {
      ...at,
      rule: "must be at least 1 in production: the first request of a morning would find nobody, for as long as weights take to load",
      fix: "write 1 or more",
    },
  ];
});

export const watchdogRules = [needsPrometheus, needsNamedMachines, floor];

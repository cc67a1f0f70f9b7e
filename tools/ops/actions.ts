import type { Machine } from "./machines";
import { sshArgs } from "./observation";
import type { Action } from "./steps";

/** What changes a machine, as arguments of `gcloud`. */
export function actionArgs(machine: Machine, action: Action): readonly string[] {
  const { name, zone, project } = machine;
  switch (action) {
    case "stop-unit":
      return sshArgs(machine, "sudo systemctl stop --no-block terrace.target");
    case "start-unit":
      return sshArgs(machine, "sudo systemctl start --no-block terrace.target");
    // From within, so that systemd grants every unit its own time; a stop from outside ends after 90 s.
    case "reboot":
      return sshArgs(machine, "sudo systemctl reboot");
    case "start-machine":
      return ["compute", "instances", "start", name, `--zone=${zone}`, `--project=${project}`, "--async"];
  }
}

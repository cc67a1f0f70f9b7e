/** The commands of `npm run ops`, without the process around them. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Settings } from "../../settings/schema/settings";
import type { Gcloud } from "./gcloud";
import { runJob } from "./jobs";
import { type Machine, machineNamed, namedMachines } from "./machines";
import { bring, type Runner } from "./operate";
import { OpsError } from "./ops-error";
import { rehearsePreemption } from "./preemption";
import { Progress } from "./progress";
import { restartAll } from "./restart";
import { statusTable } from "./status";

export const USAGE = `Usage: npm run ops -- COMMAND [--environment NAME] [--apply]
  status                     machines, and whether they are in traffic
  drain MACHINE              out of traffic once its answers are finished; the machine stays up
  undrain MACHINE            in traffic again; a machine that is off is started
  restart MACHINE            drained, booted anew, in traffic again
  rolling-restart            every machine so, one after another (--group NAME: of one group)
  preempt-rehearsal MACHINE  a Spot machine reclaimed as Google would, and started again
  backup | restore-test      the scheduled job, now
  --environment      which settings (default: production)
  --apply            do it; without it the commands are printed and nothing is changed
  --even-the-last    also where no other healthy machine is left: the service is down meanwhile
  --timeout-minutes  how long a machine gets to come so far (default: 45)
An operation that was broken off goes on where it stopped when it is repeated.`;

const OPTIONS = {
  environment: { type: "string", default: "production" },
  group: { type: "string" },
  apply: { type: "boolean", default: false },
  "even-the-last": { type: "boolean", default: false },
  // Weights, driver and engines of a machine that boots for the first time: docs/capacity.md.
  "timeout-minutes": { type: "string", default: "45" },
  help: { type: "boolean", default: false },
} as const;

/** What the commands work with. */
export interface OpsContext {
  readonly environments: () => readonly Settings[];
  readonly run: Gcloud;
  readonly say: (line: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
  /** Folder of the files that hold an operation's progress. */
  readonly folder: string;
  readonly now: () => Date;
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (thrown) {
    throw new OpsError(`${thrown instanceof Error ? thrown.message : String(thrown)}\n${USAGE}`);
  }
}

function minutes(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new OpsError(`--timeout-minutes ${text}: must be a whole number above 0`);
  return Number(text) * 60_000;
}

function environmentNamed(environments: readonly Settings[], name: string): Settings {
  const found = environments.find(({ environment }) => environment === name);
  if (found !== undefined) return found;
  throw new OpsError(`no environment ${name}; there are ${environments.map((each) => each.environment).join(", ")}`);
}

/** @throws OpsError with one line for people; SettingsError */
export async function ops(args: readonly string[], context: OpsContext): Promise<void> {
  const { values, positionals } = read(args);
  const [command, name, ...more] = positionals;
  if (values.help) return context.say(USAGE);
  if (command === undefined || more.length > 0) throw new OpsError(USAGE);
  const settings = environmentNamed(context.environments(), values.environment);
  const runner: Runner = {
    run: context.run,
    apply: values.apply,
    machines: namedMachines(settings),
    evenTheLast: values["even-the-last"],
    timeoutMs: minutes(values["timeout-minutes"]),
    say: context.say,
    sleep: context.sleep,
  };
  const progress = (what: string) =>
    Progress.open(join(context.folder, `${settings.environment}-${what}.json`), context.now());
  const one = (): Machine => {
    if (name === undefined) throw new OpsError(`${command} needs a machine: npm run ops -- ${command} NAME`);
    return machineNamed(settings, name);
  };
  if (name !== undefined && ALONE.includes(command)) throw new OpsError(`${command} takes no ${name}\n${USAGE}`);
  await dispatch({ command, settings, runner, progress, one, group: values.group });
  if (!values.apply && CHANGING.includes(command)) context.say("nothing was changed: add --apply to do it");
}

/** Commands without a machine's name. */
const ALONE: readonly string[] = ["status", "rolling-restart", "backup", "restore-test"];
const CHANGING: readonly string[] = [
  ...["drain", "undrain", "restart", "rolling-restart", "preempt-rehearsal", "backup", "restore-test"],
];

interface Dispatched {
  readonly command: string;
  readonly settings: Settings;
  readonly runner: Runner;
  readonly progress: (what: string) => Progress;
  readonly one: () => Machine;
  readonly group: string | undefined;
}

async function dispatch({ command, settings, runner, progress, one, group }: Dispatched): Promise<void> {
  switch (command) {
    case "status":
      return runner.say(await statusTable(runner.run, runner.machines));
    case "drain":
    case "undrain":
      return bring(runner, one(), { kind: command });
    case "restart": {
      const machine = one();
      return restartAll(runner, [machine], progress(`restart-${machine.name}`));
    }
    case "rolling-restart":
      return restartAll(
        runner,
        ofGroup(runner.machines, group),
        progress(`rolling-restart${group ? `-${group}` : ""}`),
      );
    case "preempt-rehearsal":
      return rehearsePreemption(runner, one());
    case "backup":
    case "restore-test":
      return runJob(runner, settings, command);
    default:
      throw new OpsError(`ops cannot ${command}\n${USAGE}`);
  }
}

function ofGroup(machines: readonly Machine[], group: string | undefined): readonly Machine[] {
  const found = machines.filter((machine) => group === undefined || machine.group === group);
  if (found.length > 0) return found;
  const groups = [...new Set(machines.map((machine) => machine.group))].join(", ");
  throw new OpsError(group === undefined ? "no machine has a name" : `no group ${group}; there are ${groups}`);
}

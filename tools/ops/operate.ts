/** Brings a machine to a goal: look, decide, act or wait, and look again. */
import { actionArgs } from "./actions";
import { foresee } from "./foresight";
import { commandText, type Gcloud, gcloudOutput } from "./gcloud";
import type { Machine } from "./machines";
import { look } from "./observation";
import { OpsError } from "./ops-error";
import { type Action, type Goal, nextStep, type OpsStep } from "./steps";

/** How operations run. */
export interface Runner {
  readonly run: Gcloud;
  /** False: print what would be done, and do nothing. */
  readonly apply: boolean;
  /** Every machine of the environment that has a name. */
  readonly machines: readonly Machine[];
  /** Also where it leaves a backend service without a healthy machine. */
  readonly evenTheLast: boolean;
  /** Milliseconds until the goal must be reached. */
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Milliseconds between two looks: the load balancer's own interval between probes. */
const LOOK_EVERY_MS = 5_000;

/**
 * @returns once the goal is reached; of a dry run, once everything that would be done is printed
 * @throws OpsError where it is refused, or is not reached in time
 */
export async function bring(runner: Runner, machine: Machine, goal: Goal): Promise<void> {
  const { run, apply, machines, evenTheLast, say, sleep, timeoutMs } = runner;
  let waitedMs = 0;
  let said = "";
  for (;;) {
    const { seen, last } = await look(run, machine, machines);
    const step = nextStep(goal, seen, evenTheLast ? [] : last);
    if (step.kind === "done") return say(`${machine.name} ${step.says}`);
    if (step.kind === "refuse") throw new OpsError(`${machine.name} is left as it is: ${step.why}`);
    if (!apply) {
      for (const line of foresee(machine, goal, seen)) say(line);
      return;
    }
    if (step.kind === "act") {
      say(`${machine.name}: ${commandText(actionArgs(machine, step.action))}`);
      await act(runner, machine, step.action);
    } else if (said !== step.until) {
      say(`${machine.name}: waiting until ${step.until}`);
      said = step.until;
    }
    if (waitedMs >= timeoutMs) throw new OpsError(tooLate(machine, step, timeoutMs));
    await sleep(LOOK_EVERY_MS);
    waitedMs += LOOK_EVERY_MS;
  }
}

async function act({ run }: Runner, machine: Machine, action: Action): Promise<void> {
  const args = actionArgs(machine, action);
  // The connection goes down with the machine.
  if (action === "reboot") await run(args);
  else await gcloudOutput(run, args);
}

function tooLate({ name }: Machine, step: OpsStep, timeoutMs: number): string {
  const what = step.kind === "wait" ? step.until : "the command took effect";
  return `${name}: waited ${Math.round(timeoutMs / 60_000)} minutes until ${what}. Repeat the command to go on from here`;
}

/** What an operation would do, for a dry run: the same decisions, on the expected outcome of each step. */
import { actionArgs } from "./actions";
import { commandText } from "./gcloud";
import type { Machine } from "./machines";
import type { Observation } from "./observation";
import { type Goal, nextStep, type OpsStep } from "./steps";

/** More steps than any goal takes. */
const FORESEEN = 12;

/** The commands that follow one another if each does what it should, a line each. */
export function foresee(machine: Machine, goal: Goal, seen: Observation): readonly string[] {
  const lines: string[] = [];
  let now = seen;
  for (let steps = 0; steps < FORESEEN; steps += 1) {
    const step = nextStep(goal, now, []);
    if (step.kind === "refuse") return lines;
    if (step.kind === "done") return [...lines, `${machine.name} then ${step.says}`];
    lines.push(
      step.kind === "act"
        ? `would run: ${commandText(actionArgs(machine, step.action))}`
        : `would wait until ${step.until}`,
    );
    now = expected(step, now, machine, goal);
  }
  return lines;
}

/** What is seen after a step that did what it should. */
function expected(step: OpsStep, seen: Observation, { services }: Machine, goal: Goal): Observation {
  const health = (healthy: boolean) => Object.fromEntries(services.map((service) => [service, healthy]));
  const boot = goal.kind === "restart" ? goal.bootId : undefined;
  const inside = { bootId: seen.inside?.bootId ?? boot ?? "", gateway: "active", inFlight: undefined };
  if (step.kind === "act") {
    if (step.action === "stop-unit") return { ...seen, inside: { ...inside, gateway: "deactivating" } };
    if (step.action === "reboot")
      return { status: "RUNNING", healthy: health(false), inside: { ...inside, bootId: "new" } };
    return { status: "RUNNING", healthy: health(false), inside };
  }
  if (seen.inside?.gateway === "deactivating") return { ...seen, inside: { ...inside, gateway: "inactive" } };
  if (seen.status !== "RUNNING" || seen.inside === undefined)
    return { status: "RUNNING", healthy: health(false), inside };
  return { ...seen, healthy: health(seen.inside.gateway === "active") };
}

/**
 * The move from VMs to the cluster as a state machine. Some changes take two applies: a new backend service is not yet
 * health-checked when its apply ends, and one that is removed with traffic cuts its answers.
 */

/** Percent, and whether the load balancer has the cluster as a backend at all. */
export interface TrafficState {
  readonly vm: number;
  readonly gke: number;
  readonly attached: boolean;
}

/** Percent. A change forward goes one step, so that autoscaling can follow; a change back goes as far as it likes. */
export const CLUSTER_SHARES: readonly number[] = [0, 5, 25, 50, 75, 100];

export interface TrafficProblem {
  readonly field: "vm" | "gke" | "attached";
  readonly rule: string;
  readonly fix: string;
}

/** `undefined` where nothing is wrong. */
export function stateProblem({ vm, gke, attached }: TrafficState): TrafficProblem | undefined {
  if (vm + gke !== 100) {
    return {
      field: "gke",
      rule: `does not sum to 100 with vm = ${vm}: together they are ${vm + gke}`,
      fix: `write ${share(100 - nearestStep(gke), nearestStep(gke))}`,
    };
  }
  if (stepOf(gke) === -1) {
    return {
      field: "gke",
      rule: `is no step of the move, which are ${CLUSTER_SHARES.join(", ")}`,
      fix: `write ${share(100 - nearestStep(gke), nearestStep(gke))}`,
    };
  }
  if (gke > 0 && !attached) {
    return {
      field: "attached",
      rule: `must be true while the cluster gets ${gke} %: the load balancer does not know it otherwise`,
      fix: "write attached: true, with vm: 100, gke: 0 for the first apply",
    };
  }
  return undefined;
}

/** `undefined` where one apply may make the change. */
export function changeProblem(from: TrafficState, to: TrafficState): TrafficProblem | undefined {
  if (!from.attached && to.attached && to.gke > 0) {
    return {
      field: "gke",
      rule: `attaches the cluster and moves ${to.gke} % to it, which takes two applies: its backends must be healthy first`,
      fix: "write vm: 100, gke: 0, attached: true and apply; move traffic with the next one",
    };
  }
  if (from.gke > 0 && !to.attached) {
    return {
      field: "attached",
      rule: `takes the cluster away while it gets ${from.gke} %, which takes two applies: its answers must end first`,
      fix: "write vm: 100, gke: 0, attached: true and apply; detach with the next one",
    };
  }
  const skipped = CLUSTER_SHARES.slice(stepOf(from.gke) + 1, Math.max(0, stepOf(to.gke)));
  if (skipped.length > 0) {
    return {
      field: "gke",
      rule: `jumps from ${from.gke} % to ${to.gke} % over ${skipped.join(", ")}: the cluster's GPUs would have to grow at once`,
      fix: `write ${share(100 - (skipped[0] ?? 0), skipped[0] ?? 0)} first; previous must be what is applied now`,
    };
  }
  return undefined;
}

/**
 * Requests a second. On its limit of two cores a bare Fastify proxy streamed 1,632 answers of 32 chunks a second, so
 * there is room for long ones. "Full" only moves traffic to the other zone; the engines' queue limits it.
 */
export const MAX_RATE_PER_GATEWAY_POD = 100;

export type TrafficTarget = "vm" | "gke";

/**
 * `undefined` where VMs are alone. A target of weight 0 is listed, so that its health is checked before it has traffic.
 */
export function trafficWeights(state: TrafficState): Readonly<Record<TrafficTarget, number>> | undefined {
  return state.attached ? { vm: state.vm, gke: state.gke } : undefined;
}

function stepOf(gke: number): number {
  return CLUSTER_SHARES.indexOf(gke);
}

function nearestStep(gke: number): number {
  return CLUSTER_SHARES.reduce((best, step) => (Math.abs(step - gke) < Math.abs(best - gke) ? step : best), 0);
}

function share(vm: number, gke: number): string {
  return `vm: ${vm}, gke: ${gke}`;
}

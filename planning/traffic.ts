/**
 * The move from the VMs to the cluster as a state machine: which share of the traffic each gets, and which changes one
 * apply may make. Pure; the settings' rules report what it refuses, the front door renders what it allows.
 *
 * Why some changes take two applies: a backend service that an apply creates has not been health-checked by its end, so
 * traffic sent there at once is traffic sent blindly; and one that is removed while it has traffic cuts its answers.
 */

/** Shares of the traffic, in percent, and whether the load balancer knows the cluster at all. */
export interface TrafficState {
  readonly vm: number;
  readonly gke: number;
  readonly attached: boolean;
}

/**
 * Shares of the cluster, in percent, in the order in which traffic moves. A change forward goes one step, so that
 * autoscaling and people can follow; a change back goes as far as it likes. Steps of the design.
 */
export const CLUSTER_SHARES: readonly number[] = [0, 5, 25, 50, 75, 100];

/** Why a state or a change is refused. */
export interface TrafficProblem {
  readonly field: "vm" | "gke" | "attached";
  /** What must hold, with the numbers. */
  readonly rule: string;
  /** What to write instead. */
  readonly fix: string;
}

/** What is wrong with a state, whatever was before it; `undefined` where nothing is. */
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

/**
 * What forbids the change from one valid state to another in one apply; `undefined` where nothing does. No change is
 * always allowed.
 */
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
 * Requests a second at which a gateway pod counts as full. A gateway forwards and does not compute: on two cores, its
 * limit, a bare Fastify proxy was measured to stream 1,632 answers of 32 chunks a second, so this leaves room for long
 * ones. "Full" only moves traffic to the other zone; how much is taken at all is the engines' queue to say.
 */
export const MAX_RATE_PER_GATEWAY_POD = 100;

/** Who may be sent traffic. */
export type TrafficTarget = "vm" | "gke";

/**
 * Weight of each target in a URL map; `undefined` where the load balancer knows the VMs alone and splits nothing.
 *
 * A target of weight 0 is listed too: it gets no request, and its health is still checked, which it would not be if no
 * map named it. So the cluster is known to be well before its first request, and the VMs before a rollback.
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

/**
 * The grace chain: how long an instance takes to leave without cutting an answer, link by link.
 *
 * 1. `preStop`: `/healthz` answers 503 and everything still works, until the load balancer has noticed.
 * 2. `gatewayDrain`: the gateway takes no new request; those in flight finish.
 * 3. `engineShutdown`: the engine, idle by now, frees the GPU and exits.
 *
 * The load balancer's connection draining runs beside all three and must not end before they do. On Spot capacity the
 * whole chain must fit the notice that Google gives.
 */

/** The links of the chain, in seconds. */
export interface Grace {
  /** Seconds that `/healthz` answers 503 while requests are still served, so that the balancer notices. */
  readonly preStopSeconds: number;
  /** Seconds that in-flight requests get after that. */
  readonly gatewayDrainSeconds: number;
  /** Seconds that an engine gets once the gateway is gone: `--shutdown-timeout`. */
  readonly engineShutdownSeconds: number;
}

/** The times to check, in seconds. */
export interface GraceInput extends Grace {
  /** `connection_draining_timeout_sec` of the backend service. */
  readonly loadBalancerDrainingSeconds: number;
  /**
   * Seconds between the notice and the kill on preemptible capacity: {@link PREEMPTION_NOTICE_SECONDS}.
   * @default the capacity is not preempted, and nothing bounds the chain but the load balancer
   */
  readonly preemptionNoticeSeconds?: number;
  readonly healthCheck: { readonly intervalSeconds: number; readonly unhealthyThreshold: number };
}

/** One time that does not add up. */
export interface GraceProblem {
  /** Name of the offending field of {@link GraceInput}, e.g. `preStopSeconds`; `chain` stands for the three links together. */
  readonly field: "loadBalancerDrainingSeconds" | "preStopSeconds" | "chain";
  readonly value: number;
  /** The least (for `chain`: the greatest) value that would do. */
  readonly needed: number;
  readonly why: string;
}

/** Either the stop times that follow, or every problem at once. */
export type GraceChain =
  | {
      readonly ok: true;
      /** The three links together: a pod's `terminationGracePeriodSeconds`, a unit's whole stop. */
      readonly stopTimeoutSeconds: number;
      /** `TimeoutStopSec` of the gateway: `preStop + gatewayDrain`. */
      readonly gatewayStopSeconds: number;
      /** `TimeoutStopSec` of an engine. */
      readonly engineStopSeconds: number;
      /** Longest time between the first 503 and the balancer sending nothing more. */
      readonly noticedAfterSeconds: number;
    }
  | { readonly ok: false; readonly problems: readonly GraceProblem[] };

/**
 * Seconds between notice and kill on Spot.
 * Sources: VM https://cloud.google.com/compute/docs/instances/spot;
 * GKE https://cloud.google.com/kubernetes-engine/docs/concepts/spot-vms (30 s, of which pods outside kube-system get 15).
 */
export const PREEMPTION_NOTICE_SECONDS = { vm: 30, gkePod: 15 } as const;

/** Checks the chain. Reports every rule that is broken, not only the first. */
export function graceChain(input: GraceInput): GraceChain {
  const { preStopSeconds, gatewayDrainSeconds, engineShutdownSeconds, healthCheck } = input;
  const gatewayStopSeconds = preStopSeconds + gatewayDrainSeconds;
  const stopTimeoutSeconds = gatewayStopSeconds + engineShutdownSeconds;
  const noticedAfterSeconds = healthCheck.intervalSeconds * healthCheck.unhealthyThreshold;
  const notice = input.preemptionNoticeSeconds;
  const problems: GraceProblem[] = [];
  if (input.loadBalancerDrainingSeconds < stopTimeoutSeconds) {
    problems.push({
      field: "loadBalancerDrainingSeconds",
      value: input.loadBalancerDrainingSeconds,
      needed: stopTimeoutSeconds,
      why: `the balancer must keep connections while the instance stops: ${preStopSeconds} s preStop + ${gatewayDrainSeconds} s gateway + ${engineShutdownSeconds} s engine`,
    });
  }
  if (notice === undefined) {
    if (preStopSeconds < noticedAfterSeconds) {
      problems.push({
        field: "preStopSeconds",
        value: preStopSeconds,
        needed: noticedAfterSeconds,
        why: `the balancer stops sending after ${healthCheck.unhealthyThreshold} failed checks ${healthCheck.intervalSeconds} s apart; before that, new requests would be refused`,
      });
    }
  } else if (stopTimeoutSeconds > notice) {
    problems.push({
      field: "chain",
      value: stopTimeoutSeconds,
      needed: notice,
      why: `Spot capacity is killed ${notice} s after the notice: ${preStopSeconds} s preStop + ${gatewayDrainSeconds} s gateway + ${engineShutdownSeconds} s engine do not fit`,
    });
  }
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    stopTimeoutSeconds,
    gatewayStopSeconds,
    engineStopSeconds: engineShutdownSeconds,
    noticedAfterSeconds,
  };
}

/**
 * Grace times of an engine's pod that may stand on Spot capacity, where everything is over after
 * {@link PREEMPTION_NOTICE_SECONDS}`.gkePod`: the Service forgets the pod, answers in flight get what is left, and the
 * engine frees its GPU. On other nodes such a pod leaves as fast.
 */
export const SPOT_POD_GRACE = { preStopSeconds: 2, gatewayDrainSeconds: 10, engineShutdownSeconds: 3 } as const;

/**
 * How an instance leaves without cutting an answer: `preStop` (`/healthz` answers 503, everything still works),
 * `gatewayDrain` (requests in flight finish), `engineShutdown` (the idle engine frees the GPU).
 * The load balancer's draining runs beside all three and must last as long. On Spot all must fit Google's notice.
 */

/** Seconds. */
export interface Grace {
  /** Until the load balancer has noticed the 503. */
  readonly preStopSeconds: number;
  /** For requests in flight. */
  readonly gatewayDrainSeconds: number;
  /** `--shutdown-timeout`, once the gateway is gone. */
  readonly engineShutdownSeconds: number;
}

/** Seconds. */
export interface GraceInput extends Grace {
  /** `connection_draining_timeout_sec` of the backend service. */
  readonly loadBalancerDrainingSeconds: number;
  /** Spot's {@link PREEMPTION_NOTICE_SECONDS}. @default unbounded, capacity is not preempted */
  readonly preemptionNoticeSeconds?: number;
  readonly healthCheck: { readonly intervalSeconds: number; readonly unhealthyThreshold: number };
}

export interface GraceProblem {
  /** `chain`: the three links together. */
  readonly field: "loadBalancerDrainingSeconds" | "preStopSeconds" | "chain";
  readonly value: number;
  /** For `chain` the most, else the least. */
  readonly needed: number;
  readonly why: string;
}

export type GraceChain =
  | {
      readonly ok: true;
      /** The three links together: a pod's `terminationGracePeriodSeconds`. */
      readonly stopTimeoutSeconds: number;
      /** `TimeoutStopSec` of the gateway. */
      readonly gatewayStopSeconds: number;
      /** `TimeoutStopSec` of an engine. */
      readonly engineStopSeconds: number;
      /** Between the first 503 and the load balancer's last request. */
      readonly noticedAfterSeconds: number;
    }
  | { readonly ok: false; readonly problems: readonly GraceProblem[] };

/**
 * Seconds between notice and kill. https://cloud.google.com/compute/docs/instances/spot,
 * https://cloud.google.com/kubernetes-engine/docs/concepts/spot-vms
 */
export const PREEMPTION_NOTICE_SECONDS = { vm: 30, gkePod: 15 } as const;

/** Reports every broken rule, not only the first. */
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

/** For an engine's pod that may run on Spot, where all is over after {@link PREEMPTION_NOTICE_SECONDS}`.gkePod`. */
export const SPOT_POD_GRACE = { preStopSeconds: 2, gatewayDrainSeconds: 10, engineShutdownSeconds: 3 } as const;

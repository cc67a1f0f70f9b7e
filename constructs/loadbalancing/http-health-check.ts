import { ComputeHealthCheck } from "@cdktf/provider-google/lib/compute-health-check";
import { Construct } from "constructs";

export interface HttpHealthCheckProps {
  readonly name: string;
  /** Any status but 200, a redirect too, is a failure. */
  readonly path: string;
  readonly port: number;
  readonly intervalSeconds: number;
  /** At most `intervalSeconds`. */
  readonly timeoutSeconds: number;
  /** In a row, back into the group. */
  readonly healthyThreshold: number;
  /** In a row, out of the group. */
  readonly unhealthyThreshold: number;
}

/**
 * Checks come from 35.191.0.0/16 and 130.211.0.0/22; without a firewall rule on this port every instance looks down.
 * Repairing needs another check than balancing: an instance that drains or loads is not ready, but need not be
 * recreated.
 * @example
 * new HttpHealthCheck(this, "health-check", { name: names.of("health"), path: PATHS.healthz, port: 8001, ...HEALTH_CHECK });
 */
export class HttpHealthCheck extends Construct {
  readonly resource: ComputeHealthCheck;

  /** @throws RangeError where a check could not end before the next begins. */
  constructor(scope: Construct, id: string, props: HttpHealthCheckProps) {
    super(scope, id);
    const { intervalSeconds, timeoutSeconds } = props;
    if (timeoutSeconds > intervalSeconds) {
      throw new RangeError(`timeoutSeconds ${timeoutSeconds} is longer than intervalSeconds ${intervalSeconds}`);
    }
    this.resource = new ComputeHealthCheck(this, "check", {
      name: props.name,
      checkIntervalSec: intervalSeconds,
      timeoutSec: timeoutSeconds,
      healthyThreshold: props.healthyThreshold,
      unhealthyThreshold: props.unhealthyThreshold,
      httpHealthCheck: { port: props.port, portSpecification: "USE_FIXED_PORT", requestPath: props.path },
      // When and why an instance left.
      logConfig: { enable: true },
    });
  }

  get link(): string {
    return this.resource.id;
  }
}

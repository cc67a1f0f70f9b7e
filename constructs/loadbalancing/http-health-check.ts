import { ComputeHealthCheck } from "@cdktf/provider-google/lib/compute-health-check";
import { Construct } from "constructs";

export interface HttpHealthCheckProps {
  readonly name: string;
  /** Path that answers 200 when the instance is well; any other status, a redirect too, counts as a failure. */
  readonly path: string;
  /** TCP port, the same on every instance. */
  readonly port: number;
  readonly intervalSeconds: number;
  /** At most `intervalSeconds`. */
  readonly timeoutSeconds: number;
  /** Successes in a row that bring an instance back. */
  readonly healthyThreshold: number;
  /** Failures in a row that take an instance out. */
  readonly unhealthyThreshold: number;
}

/**
 * Global HTTP health check by a fixed port, with its transitions in Cloud Logging.
 *
 * Checks come from 35.191.0.0/16 and 130.211.0.0/22: without a firewall rule for them on this very port every instance
 * looks down. The check that balances and the check that repairs must not be the same one: an instance that drains or
 * loads a model is not ready, but recreating it makes matters worse ({@link ManagedInstanceGroup}).
 *
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
      // Otherwise nothing says afterwards when and why an instance left the balancer.
      logConfig: { enable: true },
    });
  }

  /** Link for backend services and auto-healing. */
  get link(): string {
    return this.resource.id;
  }
}

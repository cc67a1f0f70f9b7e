import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { ServiceNetworkingConnection } from "@cdktf/provider-google/lib/service-networking-connection";
import { Construct } from "constructs";
import { formatAddress, parseCidr } from "../../planning/network";

export interface PrivateServicesAccessProps {
  readonly name: string;
  readonly network: string;
  /** At least a /24. */
  readonly servicesCidr: string;
}

/** https://cloud.google.com/sql/docs/postgres/configure-private-services-access */
const LONGEST_PREFIX = 24;

/**
 * Cloud SQL's peering. Abandoned on destroy, because Google keeps it busy for days after the last instance; it goes
 * with the network.
 * @example
 * new PrivateServicesAccess(this, "services", { name: "terrace-demo-services", network: vpc.network.id, servicesCidr: "10.11.0.0/24" });
 */
export class PrivateServicesAccess extends Construct {
  constructor(scope: Construct, id: string, props: PrivateServicesAccessProps) {
    super(scope, id);
    const parsed = parseCidr(props.servicesCidr);
    if (!parsed.ok) throw new RangeError(`servicesCidr: ${parsed.reason}`);
    if (parsed.cidr.prefix > LONGEST_PREFIX) {
      throw new RangeError(
        `servicesCidr ${parsed.cidr.text} is smaller than the /${LONGEST_PREFIX} that Cloud SQL needs`,
      );
    }
    const range = new ComputeGlobalAddress(this, "range", {
      name: props.name,
      network: props.network,
      purpose: "VPC_PEERING",
      addressType: "INTERNAL",
      address: formatAddress(parsed.cidr.first),
      prefixLength: parsed.cidr.prefix,
    });
    new ServiceNetworkingConnection(this, "connection", {
      network: props.network,
      service: "servicenetworking.googleapis.com",
      reservedPeeringRanges: [range.name],
      deletionPolicy: "ABANDON",
    });
  }
}

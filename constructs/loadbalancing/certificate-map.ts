import { CertificateManagerCertificateMap } from "@cdktf/provider-google/lib/certificate-manager-certificate-map";
import { Construct } from "constructs";
import { HostCertificate } from "./host-certificate";

export interface CertificateMapProps {
  /** What belongs to one host adds a hash of it. */
  readonly name: string;
  /** E.g. `llm.example.com`. */
  readonly hosts: readonly string[];
  /** Must be delegated to. */
  readonly dnsZone: string;
}

/**
 * A certificate for each host. A host that comes or goes touches no other's. Without a default entry, clients without
 * SNI are turned away.
 * @example
 * const certificates = new CertificateMap(this, "certificates", {
 *   name: names.of("edge"), hosts: ["llm.example.com"], dnsZone: names.publicZone,
 * });
 */
export class CertificateMap extends Construct {
  readonly map: CertificateManagerCertificateMap;
  /** In the order of the hosts. */
  readonly certificates: readonly HostCertificate[];

  constructor(scope: Construct, id: string, { name, hosts, dnsZone }: CertificateMapProps) {
    super(scope, id);
    this.map = new CertificateManagerCertificateMap(this, "map", { name });
    this.certificates = hosts.map(
      (host) => new HostCertificate(this, host, { name, host, dnsZone, map: this.map.name }),
    );
  }

  /** A target HTTPS proxy refuses a plain resource id. */
  get proxyLink(): string {
    return `//certificatemanager.googleapis.com/${this.map.id}`;
  }
}

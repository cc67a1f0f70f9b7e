import { CertificateManagerCertificate } from "@cdktf/provider-google/lib/certificate-manager-certificate";
import { CertificateManagerCertificateMapEntry } from "@cdktf/provider-google/lib/certificate-manager-certificate-map-entry";
import { CertificateManagerDnsAuthorization } from "@cdktf/provider-google/lib/certificate-manager-dns-authorization";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import { domainResourceName } from "./certificate-name";

/** Never changes while its host is served. */
const RECORD_TTL_SECONDS = 300;

const BESIDE_THE_OLD = { createBeforeDestroy: true };

export interface HostCertificateProps {
  /** A hash of the host follows. */
  readonly name: string;
  /** E.g. `llm.example.com`. */
  readonly host: string;
  /** Must be delegated to. */
  readonly dnsZone: string;
  /** Name of the certificate map. */
  readonly map: string;
}

/**
 * One host's certificate and its entry in a map. Proven by DNS, so active before any address points here; Google renews
 * by the same record.
 * @example
 * new HostCertificate(this, "llm.example.com", {
 *   name: names.of("edge"), host: "llm.example.com", dnsZone: names.publicZone, map: names.of("edge"),
 * });
 */
export class HostCertificate extends Construct {
  readonly authorization: CertificateManagerDnsAuthorization;
  readonly authorizationRecord: DnsRecordSet;
  readonly certificate: CertificateManagerCertificate;
  readonly entry: CertificateManagerCertificateMapEntry;

  constructor(scope: Construct, id: string, props: HostCertificateProps) {
    super(scope, id);
    const { host, dnsZone, map } = props;
    const name = domainResourceName(props.name, host);
    this.authorization = new CertificateManagerDnsAuthorization(this, "authorization", {
      name,
      domain: host,
      lifecycle: BESIDE_THE_OLD,
    });
    const wanted = this.authorization.dnsResourceRecord.get(0);
    this.authorizationRecord = new DnsRecordSet(this, "authorization-record", {
      managedZone: dnsZone,
      name: wanted.name,
      type: wanted.type,
      ttl: RECORD_TTL_SECONDS,
      rrdatas: [wanted.data],
      lifecycle: BESIDE_THE_OLD,
    });
    this.certificate = new CertificateManagerCertificate(this, "certificate", {
      name,
      managed: { domains: [host], dnsAuthorizations: [this.authorization.id] },
      // A first attempt without the record fails, and the next takes an hour.
      dependsOn: [this.authorizationRecord],
      lifecycle: BESIDE_THE_OLD,
    });
    this.entry = new CertificateManagerCertificateMapEntry(this, "entry", {
      name,
      map,
      hostname: host,
      certificates: [this.certificate.id],
      lifecycle: BESIDE_THE_OLD,
    });
  }
}

import { CertificateManagerCertificate } from "@cdktf/provider-google/lib/certificate-manager-certificate";
import { CertificateManagerCertificateMap } from "@cdktf/provider-google/lib/certificate-manager-certificate-map";
import { CertificateManagerCertificateMapEntry } from "@cdktf/provider-google/lib/certificate-manager-certificate-map-entry";
import { CertificateManagerDnsAuthorization } from "@cdktf/provider-google/lib/certificate-manager-dns-authorization";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import { domainResourceName } from "./certificate-name";

/** Seconds that resolvers keep the authorization record; it never changes while its domain is served. */
const RECORD_TTL_SECONDS = 300;

/** What belongs to one domain is made before its predecessor goes. */
const BESIDE_THE_OLD = { createBeforeDestroy: true };

export interface CertificateMapProps {
  /** Name of the map; what belongs to the domain adds a hash of it. */
  readonly name: string;
  /** Host name of the certificate, e.g. `llm.example.com`. */
  readonly domain: string;
  /** Name of the public Cloud DNS zone that holds the domain. Its name servers must be delegated to. */
  readonly dnsZone: string;
}

/**
 * Google-managed certificate of one host name, proven by DNS, in a certificate map.
 *
 * DNS authorization proves the domain by a CNAME record alone, so the certificate is active before any address points
 * here; load-balancer authorization would need the traffic first. Google renews by the same record: it must stay. A new
 * domain gets its own authorization, certificate and entry, under names of their own, before the old ones go; changed
 * under one name Google refuses, as the proxy still uses it. The certificate takes minutes to become active after the
 * record can be resolved, and clients without SNI are turned away, for there is no default entry.
 *
 * @example
 * const certificates = new CertificateMap(this, "certificates", {
 *   name: names.of("edge"), domain: "llm.example.com", dnsZone: names.publicZone,
 * });
 */
export class CertificateMap extends Construct {
  readonly map: CertificateManagerCertificateMap;

  constructor(scope: Construct, id: string, props: CertificateMapProps) {
    super(scope, id);
    const { domain } = props;
    const name = domainResourceName(props.name, domain);
    this.map = new CertificateManagerCertificateMap(this, "map", { name: props.name });
    new CertificateManagerCertificateMapEntry(this, "entry", {
      name,
      map: this.map.name,
      hostname: domain,
      certificates: [this.addCertificate(name, domain, props.dnsZone).id],
      lifecycle: BESIDE_THE_OLD,
    });
  }

  /** Link in the form that a target HTTPS proxy wants; a plain resource id is refused. */
  get proxyLink(): string {
    return `//certificatemanager.googleapis.com/${this.map.id}`;
  }

  private addCertificate(name: string, domain: string, dnsZone: string): CertificateManagerCertificate {
    const authorization = new CertificateManagerDnsAuthorization(this, "authorization", {
      name,
      domain,
      lifecycle: BESIDE_THE_OLD,
    });
    const wanted = authorization.dnsResourceRecord.get(0);
    const record = new DnsRecordSet(this, "authorization-record", {
      managedZone: dnsZone,
      name: wanted.name,
      type: wanted.type,
      ttl: RECORD_TTL_SECONDS,
      rrdatas: [wanted.data],
      lifecycle: BESIDE_THE_OLD,
    });
    return new CertificateManagerCertificate(this, "certificate", {
      name,
      managed: { domains: [domain], dnsAuthorizations: [authorization.id] },
      // Asked for before the record is there, the first attempt fails and the next one takes an hour.
      dependsOn: [record],
      lifecycle: BESIDE_THE_OLD,
    });
  }
}

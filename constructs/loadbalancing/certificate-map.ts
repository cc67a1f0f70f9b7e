import { CertificateManagerCertificate } from "@cdktf/provider-google/lib/certificate-manager-certificate";
import { CertificateManagerCertificateMap } from "@cdktf/provider-google/lib/certificate-manager-certificate-map";
import { CertificateManagerCertificateMapEntry } from "@cdktf/provider-google/lib/certificate-manager-certificate-map-entry";
import { CertificateManagerDnsAuthorization } from "@cdktf/provider-google/lib/certificate-manager-dns-authorization";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import { domainResourceName } from "./certificate-name";

/** Never changes while its domain is served. */
const RECORD_TTL_SECONDS = 300;

const BESIDE_THE_OLD = { createBeforeDestroy: true };

export interface CertificateMapProps {
  /** What belongs to the domain adds a hash of it. */
  readonly name: string;
  /** E.g. `llm.example.com`. */
  readonly domain: string;
  /** Must be delegated to. */
  readonly dnsZone: string;
}

/**
 * Proven by DNS, so active before any address points here; Google renews by the same record. A new domain gets its own
 * authorization, certificate and entry before the old ones go: under one name Google refuses the change. Without a
 * default entry, clients without SNI are turned away.
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

  /** A target HTTPS proxy refuses a plain resource id. */
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
      // A first attempt without the record fails, and the next takes an hour.
      dependsOn: [record],
      lifecycle: BESIDE_THE_OLD,
    });
  }
}

import { PATHS } from "../../app/src/contract/endpoints";
import { PLATFORM_METRICS } from "../metrics/platform-metrics";
import { max, now } from "../promql/functions";
import { below, operate } from "../promql/operators";
import { select } from "../promql/select";
import type { Alert } from "../rules/alert";

const { certificateExpiry, probeSuccess } = PLATFORM_METRICS;

/** Days: renewal is tried 30 days before, so that nine have been in vain. Source: R-101. */
const CERTIFICATE_DAYS = 21;

const probe = (name: string) => `${name}{job="probe", instance="https://api.example.com${PATHS.healthz}"}`;
const site = { instance: `https://api.example.com${PATHS.healthz}` };
const days = (count: number) => String(count * 86_400);

/** What clients see from outside. */
export const SITE_ALERTS: readonly Alert[] = [
  {
    name: "SiteDown",
    severity: "critical",
    subject: "service",
    condition: operate(max(select(probeSuccess), ["instance"]), "==", 0),
    for: "3m",
    summary: "{{ $labels.instance }} does not answer from outside",
    description: "Clients get nothing: the name, the certificate, the load balancer or every backend behind it.",
    examples: {
      firing: [{ when: "five minutes", at: "6m", series: { [probe("probe_success")]: "1 0x10" }, fires: [site] }],
      quiet: [{ when: "one probe failed", at: "6m", series: { [probe("probe_success")]: "1 0 1x10" } }],
    },
  },
  {
    name: "CertificateExpiring",
    severity: "critical",
    subject: "service",
    condition: below(operate(max(select(certificateExpiry), ["instance"]), "-", now()), CERTIFICATE_DAYS * 86_400),
    for: "1h",
    summary: "{{ $labels.instance }}: the certificate expires in less than 21 days",
    description: "Google renews it by itself 30 days before. That it has not means that the domain's records changed.",
    examples: {
      firing: [
        {
          when: "in twenty days",
          every: "10m",
          at: "2h",
          series: { [probe("probe_ssl_earliest_cert_expiry")]: `${days(20)}x20` },
          fires: [site],
        },
      ],
      quiet: [
        {
          when: "in thirty days, and one probe saw an old one",
          every: "10m",
          at: "2h",
          series: { [probe("probe_ssl_earliest_cert_expiry")]: `${days(30)}x3 ${days(10)} ${days(30)}x20` },
        },
      ],
    },
  },
];

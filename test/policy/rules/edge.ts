import { createHash } from "node:crypto";
import { blocksAlong, blocksAt, numberAt, textAt, textsAt } from "../../support/json";
import { resourcesIn } from "../../support/stack-view";
import { violation } from "../../support/violation";
import { type PolicyRule, referenced, resourceRule } from "./rule";
import { failingUrlMapTests, untestedPaths, wrongSplits } from "./url-map";

const URL_MAPS: readonly string[] = ["google_compute_url_map"];
const HTTPS_PROXIES: readonly string[] = ["google_compute_target_https_proxy"];

/** The front door. */
export const EDGE_RULES: readonly PolicyRule[] = [
  resourceRule(
    "url-map-tests-pass",
    "Google runs a URL map's tests when it is applied, and refuses it where one fails.",
    URL_MAPS,
    ({ body }) => failingUrlMapTests(body),
  ),
  resourceRule("url-map-is-tested", "Every path that a URL map routes is in one of its tests.", URL_MAPS, ({ body }) =>
    untestedPaths(body).map((path) => `no test asks for ${path}`),
  ),
  resourceRule(
    "url-map-test-is-one-thing",
    "A test expects a service or a redirect; both together are refused.",
    URL_MAPS,
    ({ body }) =>
      blocksAt(body, "test")
        .filter((test) => test.service !== undefined && test.expected_redirect_response_code !== undefined)
        .map((test) => `the test of ${textAt(test, "path")} expects both a service and a redirect`),
  ),
  resourceRule(
    "split-is-whole",
    "Every path splits alike, between two services, in shares that sum to 100.",
    URL_MAPS,
    ({ body }) => wrongSplits(body),
  ),
  resourceRule("redirect-keeps-the-query", "A redirect to HTTPS keeps path and query.", URL_MAPS, ({ body }) =>
    blocksAt(body, "default_url_redirect")
      .filter((redirect) => redirect.https_redirect !== true || redirect.strip_query !== false)
      .map(() => "redirects elsewhere than to the same page by HTTPS"),
  ),
  {
    id: "https-only",
    says: "Where there is HTTPS, plain HTTP answers with nothing but a redirect.",
    check: (environment) => {
      if (resourcesIn(environment, ...HTTPS_PROXIES).length === 0) return [];
      return resourcesIn(environment, "google_compute_target_http_proxy")
        .filter(({ body }) => {
          const map = referenced(environment, textAt(body, "url_map"), ...URL_MAPS);
          return map === undefined || blocksAt(map.body, "default_url_redirect").length === 0;
        })
        .map(({ stack, address }) => violation(stack, address, "serves plain HTTP beside HTTPS"));
    },
  },
  resourceRule(
    "tls-1-2",
    "HTTPS is TLS 1.2 or newer, with modern ciphers.",
    ["google_compute_ssl_policy"],
    ({ body }) => [
      ...(body.min_tls_version === "TLS_1_2" || body.min_tls_version === "TLS_1_3" ? [] : ["allows TLS before 1.2"]),
      ...(body.profile === "MODERN" || body.profile === "RESTRICTED" ? [] : ["allows old ciphers"]),
    ],
  ),
  resourceRule(
    "https-has-tls-policy",
    "Without a policy of its own a proxy takes TLS 1.0.",
    HTTPS_PROXIES,
    ({ body }, environment) =>
      referenced(environment, textAt(body, "ssl_policy"), "google_compute_ssl_policy") === undefined
        ? "has no ssl_policy"
        : undefined,
  ),
  resourceRule(
    "no-early-data",
    "0-RTT data can be replayed: a generation would run twice.",
    HTTPS_PROXIES,
    ({ body }) => ((textAt(body, "tls_early_data") ?? "DISABLED") === "DISABLED" ? undefined : "takes early data"),
  ),
  resourceRule(
    "certificate-before-traffic",
    "DNS authorization makes the certificate active before any address points here; the classic kind cannot.",
    ["google_compute_managed_ssl_certificate", "google_certificate_manager_certificate"],
    ({ type, body }) => {
      if (type === "google_compute_managed_ssl_certificate")
        return "is a classic certificate, which needs the traffic first";
      return blocksAt(body, "managed").some((managed) => textsAt(managed, "dns_authorizations").length > 0)
        ? undefined
        : "has no DNS authorization";
    },
  ),
  resourceRule(
    "certificate-beside-the-old",
    "A new domain gets a certificate of another name, made before the old one goes.",
    ["google_certificate_manager_certificate", "google_certificate_manager_dns_authorization"],
    ({ body }) => {
      const domain =
        blocksAt(body, "managed").flatMap((managed) => textsAt(managed, "domains"))[0] ?? textAt(body, "domain") ?? "";
      const digest = createHash("sha256").update(domain).digest("hex").slice(0, 8);
      return [
        ...(blocksAt(body, "lifecycle").some((lifecycle) => lifecycle.create_before_destroy === true)
          ? []
          : ["is replaced with a gap"]),
        ...(textAt(body, "name")?.endsWith(digest) ? [] : ["keeps its name when the domain changes"]),
      ];
    },
  ),
  resourceRule(
    "certificate-map-on-proxy",
    "A proxy names a certificate map in full; a plain id is refused.",
    HTTPS_PROXIES,
    ({ body }) =>
      textAt(body, "certificate_map")?.startsWith("//certificatemanager.googleapis.com/")
        ? undefined
        : "names no certificate map in full",
  ),
  {
    id: "one-frontend-an-address-and-port",
    says: "Two forwarding rules on one address and port cannot be; nor a rule on an address of another kind.",
    check: (environment) => {
      const rules = resourcesIn(environment, "google_compute_global_forwarding_rule");
      const keyOf = ({ body }: (typeof rules)[number]) => `${textAt(body, "ip_address")} ${textAt(body, "port_range")}`;
      const twice = rules.filter((rule, index) =>
        rules.slice(0, index).some((earlier) => keyOf(earlier) === keyOf(rule)),
      );
      const nowhere = rules.filter(
        ({ body }) =>
          referenced(environment, textAt(body, "ip_address"), "google_compute_global_address") === undefined,
      );
      return [
        ...twice.map(({ stack, address }) =>
          violation(stack, address, "shares its address and port with another rule"),
        ),
        ...nowhere.map(({ stack, address }) =>
          violation(stack, address, "has an address that changes when it is replaced"),
        ),
      ];
    },
  },
  resourceRule(
    "armor-limits-rates",
    "The policy throttles each client, denies before that, and ends with a default.",
    ["google_compute_security_policy"],
    ({ body }, _, { rateLimit }) => {
      const rules = blocksAt(body, "rule");
      const priority = (rule: (typeof rules)[number] | undefined) => (rule && numberAt(rule, "priority")) ?? -1;
      const throttle = rules.find((rule) => rule.action === "throttle" || rule.action === "rate_based_ban");
      const counts =
        throttle &&
        blocksAlong(throttle, "rate_limit_options", "rate_limit_threshold").map((limit) => numberAt(limit, "count"));
      const late = rules.filter(
        (rule) => textAt(rule, "action")?.startsWith("deny") && priority(rule) > priority(throttle),
      );
      return [
        ...(counts?.includes(rateLimit.requestsPerMinute)
          ? []
          : [`does not limit clients to ${rateLimit.requestsPerMinute} a minute`]),
        ...(rules.some((rule) => priority(rule) === 2147483647) ? [] : ["has no default rule"]),
        ...late.map((rule) => `denies at priority ${priority(rule)}, after the throttle has allowed`),
      ];
    },
  ),
  resourceRule(
    "inside-paths-stay-inside",
    "Metrics and administration are not for the internet.",
    ["google_compute_security_policy"],
    ({ body }) => {
      const denied = blocksAt(body, "rule")
        .filter((rule) => textAt(rule, "action")?.startsWith("deny") && rule.preview !== true)
        .flatMap((rule) => blocksAlong(rule, "match", "expr"))
        .map((expr) => textAt(expr, "expression") ?? "");
      return ["metrics", "api/v1/admin"]
        .filter((path) => !denied.some((expression) => expression.includes(path)))
        .map((path) => `lets the internet ask for /${path}`);
    },
  ),
  resourceRule(
    "alerts-have-runbooks",
    "Every alert links to what to do.",
    ["google_monitoring_alert_policy"],
    ({ body }) =>
      blocksAlong(body, "documentation", "links").some((link) => textAt(link, "url")?.includes("docs/runbooks/"))
        ? undefined
        : "links to no runbook",
  ),
];

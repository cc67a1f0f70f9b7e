import type { Where } from "../../support/edit";
import { add, edit, type Plant } from "./plant";

const URL_MAP: Where = { name: "terrace-production-routes" };
const REDIRECT: Where = { name: "terrace-production-redirect" };

export const EDGE_PLANTS: readonly Plant[] = [
  edit(
    "url-map-tests-pass",
    "a route to another class",
    "google_compute_url_map",
    { "path_matcher[0].path_rule[0].service": "x" },
    URL_MAP,
  ),
  edit(
    "url-map-tests-pass",
    "another default",
    "google_compute_url_map",
    { "path_matcher[0].default_service": "x" },
    URL_MAP,
  ),
  edit(
    "url-map-tests-pass",
    "another redirect",
    "google_compute_url_map",
    { "default_url_redirect.redirect_response_code": "FOUND" },
    REDIRECT,
  ),
  edit(
    "url-map-is-tested",
    "an untested path",
    "google_compute_url_map",
    { "path_matcher[0].path_rule[0].paths[0]": "/new" },
    URL_MAP,
  ),
  edit(
    "url-map-test-is-one-thing",
    "both",
    "google_compute_url_map",
    { "test[0].expected_redirect_response_code": 301 },
    URL_MAP,
  ),
  edit(
    "redirect-keeps-the-query",
    "a lost query",
    "google_compute_url_map",
    { "default_url_redirect.strip_query": true },
    REDIRECT,
  ),
  edit("tls-1-2", "TLS 1.0", "google_compute_ssl_policy", { min_tls_version: "TLS_1_0" }),
  edit("tls-1-2", "old ciphers", "google_compute_ssl_policy", { profile: "COMPATIBLE" }),
  edit("https-has-tls-policy", "no policy", "google_compute_target_https_proxy", { ssl_policy: undefined }),
  edit("no-early-data", "0-RTT", "google_compute_target_https_proxy", { tls_early_data: "PERMISSIVE" }),
  add("certificate-before-traffic", "a classic certificate", "edge", "google_compute_managed_ssl_certificate", {
    name: "x",
  }),
  edit("certificate-before-traffic", "no authorization", "google_certificate_manager_certificate", {
    "managed.dns_authorizations": undefined,
  }),
  edit("certificate-beside-the-old", "a gap", "google_certificate_manager_certificate", { lifecycle: undefined }),
  edit("certificate-beside-the-old", "another domain by the same name", "google_certificate_manager_certificate", {
    "managed.domains": ["other.example.com"],
  }),
  edit("certificate-map-on-proxy", "an id", "google_compute_target_https_proxy", { certificate_map: "projects/p/x" }),
  edit(
    "one-frontend-an-address-and-port",
    "two on :80",
    "google_compute_global_forwarding_rule",
    { port_range: "80" },
    { name: "terrace-production-https-ipv4" },
  ),
  edit("one-frontend-an-address-and-port", "a passing address", "google_compute_global_forwarding_rule", {
    ip_address: undefined,
  }),
  edit("armor-limits-rates", "no throttle", "google_compute_security_policy", { "rule[3].action": "allow" }),
  edit("armor-limits-rates", "another limit", "google_compute_security_policy", {
    "rule[3].rate_limit_options.rate_limit_threshold.count": 1,
  }),
  edit("armor-limits-rates", "a late denial", "google_compute_security_policy", { "rule[0].priority": 5000 }),
  edit("inside-paths-stay-inside", "metrics for all", "google_compute_security_policy", {
    "rule[0].match.expr.expression": "false",
  }),
  edit("inside-paths-stay-inside", "a preview", "google_compute_security_policy", { "rule[0].preview": true }),
  edit("alerts-have-runbooks", "no runbook", "google_monitoring_alert_policy", { "documentation.links": [] }),
  edit("alert-channels-are-reached", "nobody told", "google_monitoring_alert_policy", { notification_channels: [] }),
];

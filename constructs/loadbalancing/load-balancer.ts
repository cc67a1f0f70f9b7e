/** What every part of one global external Application Load Balancer must agree on. */

/**
 * Scheme of backend services and forwarding rules. One `EXTERNAL` among them plans and then fails at apply
 * (docs/adr/0004). Source: https://cloud.google.com/load-balancing/docs/backend-service
 */
export const LOAD_BALANCING_SCHEME = "EXTERNAL_MANAGED";

/** The only tier of a global address. Source: https://cloud.google.com/network-tiers/docs/overview */
export const NETWORK_TIER = "PREMIUM";

/**
 * Name under which instance groups publish the serving port and backend services ask for it. A backend service whose
 * `port_name` no group publishes sends to port 80.
 * Source: https://cloud.google.com/load-balancing/docs/backend-service#named_ports
 */
export const SERVING_PORT_NAME = "app";

/**
 * Seconds for which the load balancer keeps an idle client connection: its own default, said aloud; 5 to 1200 are
 * accepted. The connection to the backend is kept for 600 s, not settable, which the app's keep-alive exceeds.
 * Source: documentation of `google_compute_target_https_proxy`, `http_keep_alive_timeout_sec`.
 */
export const CLIENT_KEEP_ALIVE_SECONDS = 610;

/** One `EXTERNAL` part fails at apply (docs/adr/0004). https://cloud.google.com/load-balancing/docs/backend-service */
export const LOAD_BALANCING_SCHEME = "EXTERNAL_MANAGED";

/** The only tier of a global address. https://cloud.google.com/network-tiers/docs/overview */
export const NETWORK_TIER = "PREMIUM";

/** A `port_name` that no group publishes means port 80. https://cloud.google.com/load-balancing/docs/backend-service#named_ports */
export const SERVING_PORT_NAME = "app";

/** Google's default, of 5 to 1200. Backends are kept 600 s. Source: `google_compute_target_https_proxy`. */
export const CLIENT_KEEP_ALIVE_SECONDS = 610;

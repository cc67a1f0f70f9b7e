import { PORTS } from "../../app/src/contract/endpoints";
import { DASHBOARD_PORT } from "../network/serving-firewall";

/** Defaults. All but Grafana's are on loopback. */
export const MONITORING_PORTS = {
  alertmanager: 9093,
  blackboxExporter: 9115,
  grafana: DASHBOARD_PORT,
  nodeExporter: PORTS.nodeExporter,
  prometheus: 9090,
} as const;

export const LOOPBACK = "127.0.0.1";

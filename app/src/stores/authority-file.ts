import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { ConfigError } from "../config/config";
import { messageOf } from "../shared/errors/message-of";

/**
 * TLS against an authority of the server's own, as Cloud SQL and Memorystore have one for each instance. That authority
 * signs nothing else, and the certificate names the instance and not the private address, so the host name is not compared.
 * https://cloud.google.com/sql/docs/postgres/configure-ssl-instance
 * @throws ConfigError where the file cannot be read
 */
export function tlsWithAuthority(
  variable: string,
  file: string,
): Pick<ConnectionOptions, "ca" | "checkServerIdentity"> {
  try {
    return { ca: readFileSync(file, "utf8"), checkServerIdentity: () => undefined };
  } catch (thrown) {
    const why = messageOf(thrown);
    throw new ConfigError([`${variable}=${JSON.stringify(file)}: ${why}`]);
  }
}

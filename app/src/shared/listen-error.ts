import { PORTS } from "../contract/endpoints";
import { ENV } from "../contract/variables";
import { messageOf } from "./errors/message-of";
/** What a person can do about a listener that did not open. `command` is what they started. */
export function listenErrorMessage(thrown: unknown, port: number, command: string): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "EADDRINUSE") {
    return [
      `Port ${port} is in use by another program.`,
      `  Who holds it:      lsof -i :${port}    (or: ss -ltnp 'sport = :${port}')`,
      `  Use another port:  ${ENV.port}=${port + 1} ${command}`,
    ].join("\n");
  }
  if (code === "EACCES") {
    return `Port ${port} needs more rights than this user has. Use one above 1023: ${ENV.port}=${PORTS.gateway} ${command}`;
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `${ENV.host} is not an address of this machine. Use 127.0.0.1 (this machine only) or 0.0.0.0 (every interface).`;
  }
  return `Could not listen on port ${port}: ${messageOf(thrown)}`;
}

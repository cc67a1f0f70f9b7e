import { isIPv4 } from "node:net";

/** Whether a host is this machine and no other: `localhost`, 127.0.0.0/8, `::1`, or the folder of a Unix socket. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|\/.*)$/i.test(host) || (host.startsWith("127.") && isIPv4(host));
}

/** Whether a host is this machine and no other: `localhost`, 127.0.0.0/8, `::1`, or the folder of a Unix socket. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?|\/.*)$/i.test(host);
}

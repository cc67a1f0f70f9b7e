import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../../testing/free-port";

const PATIENCE_MS = 10_000;

/** nginx before a server on this machine, as a stranger's way in. `location` is what the site's only location holds. */
export async function startNginx(location: string) {
  const folder = mkdtempSync(join(tmpdir(), "terrace-nginx-"));
  const port = await freePort();
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder};`);
  const conf = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http { access_log off; ${paths.join(" ")} server { listen 127.0.0.1:${port}; location / { ${location} } } }`;
  writeFileSync(join(folder, "nginx.conf"), conf);
  const child: ChildProcess = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "inherit" });
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + PATIENCE_MS;
  while (!(await fetch(url).catch(() => undefined))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`nginx does not answer: ${conf}`);
    await delay(20);
  }
  return {
    url,
    port,
    async close() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

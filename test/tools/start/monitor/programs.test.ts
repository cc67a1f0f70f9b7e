import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { findPrograms, MonitorError } from "../../../../tools/start/monitor/monitor-programs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "terrace-path-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(name: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, mode);
  return path;
}

describe("findPrograms", () => {
  it("finds programs under Debian's names and under their projects' own", () => {
    const prometheus = install("prometheus");
    const debian = install("prometheus-alertmanager");
    expect(findPrograms(`/nowhere${delimiter}${folder}`)).toEqual({
      prometheus,
      alertmanager: debian,
      nodeExporter: undefined,
    });
    const own = install("alertmanager");
    const nodeExporter = install("prometheus-node-exporter");
    expect(findPrograms(folder)).toEqual({ prometheus, alertmanager: own, nodeExporter });
  });

  it("throws one line that names the missing programs and their sources", () => {
    install("prometheus");
    // Somebody else's: not to be run.
    install("alertmanager", 0o644);
    const missing = (path: string) => {
      try {
        return findPrograms(path);
      } catch (thrown) {
        return thrown;
      }
    };
    expect(missing(folder)).toBeInstanceOf(MonitorError);
    expect(String(missing(folder))).toMatch(
      /needs Alertmanager on the PATH: .*apt-get install prometheus prometheus-al/,
    );
    expect(String(missing("/nowhere"))).toContain("needs Prometheus and Alertmanager");
    expect(String(missing("/nowhere"))).not.toContain("\n");
  });
});

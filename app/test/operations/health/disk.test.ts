import { afterEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { readConfig } from "../../../src/config/config";
import { openGateway } from "../../../src/gateway/gateway";
import { checkDisk, diskOf } from "../../../src/operations/health/machine-checks";
import { loadSecretRules } from "../../support/native-esm";
import { itWithSmallDisk, mountSmallDisk } from "../../support/small-disk";

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe("the disk that /health watches", () => {
  itWithSmallDisk()("is that of DATA_DIR, where the embedded stores write", async () => {
    await loadSecretRules();
    const disk = mountSmallDisk(160);
    closers.push(() => disk.close());
    const config = readConfig({ DATA_DIR: disk.path, HEALTH_CHECKS: "disk" });
    const silent = () => {};
    const gateway = await openGateway(config, {
      log: pino({ level: "silent" }),
      say: silent,
      warn: silent,
      watched: false,
    });
    closers.push(() => gateway.close());
    closers.push(() => gateway.app.close());
    const health = async () => (await gateway.app.inject("/health")).json();
    disk.fill();
    expect(await health()).toMatchObject({
      code: "UNHEALTHY",
      detail: { checks: { disk: false }, reasons: { disk: "0 % of the disk of DATA_DIR free, limit 10 %" } },
    });
  });

  it("is that of the working directory where no store is embedded", async () => {
    const disk = diskOf("/nowhere", false);
    expect(disk.path).toBe(process.cwd());
    expect((await checkDisk(disk)).reason).toMatch(/^\d+ % of the disk of the working directory free, limit 10 %$/);
  });
});

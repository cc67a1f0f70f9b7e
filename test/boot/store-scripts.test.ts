import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Sandbox } from "./sandbox";
import { StubGoogle } from "./stub-google";

const BUCKET = "terrace-test-authorities";
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

let google: StubGoogle;
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = new Sandbox();
  google = new StubGoogle();
  await google.listen();
});

afterEach(async () => {
  sandbox.remove();
  await google.close();
});

describe("authorities.sh", () => {
  const environment = () => ({
    METADATA_URL: google.url,
    STORAGE_URL: google.url,
    AUTHORITIES: "postgres.pem redis.pem",
    AUTHORITIES_BUCKET: BUCKET,
    AUTHORITIES_DIR: sandbox.path("authorities"),
  });
  const upload = (text = PEM) => {
    for (const name of ["postgres.pem", "redis.pem"]) google.objects.set(`${BUCKET}/${name}`, Buffer.from(text));
  };

  it("downloads every certificate", async () => {
    upload();
    expect(await sandbox.run("authorities.sh", environment())).toEqual({
      status: 0,
      log: "authorities.sh: authorities are in place\n",
    });
    expect(sandbox.read("authorities/postgres.pem")).toBe(PEM);
    expect(sandbox.read("authorities/redis.pem")).toBe(PEM);
  });

  it("downloads a successor at the next boot", async () => {
    upload();
    await sandbox.run("authorities.sh", environment());
    upload(`${PEM}${PEM}`);
    await sandbox.run("authorities.sh", environment());
    expect(sandbox.read("authorities/postgres.pem")).toBe(`${PEM}${PEM}`);
  });

  it("waits until the data stack is applied", async () => {
    const running = sandbox.start("authorities.sh", environment());
    await running.says(`gs://${BUCKET}/postgres.pem does not exist`);
    upload();
    expect((await running.finished).status).toBe(0);
  });

  it("keeps the certificates of an earlier boot while the bucket is out of reach", async () => {
    upload();
    await sandbox.run("authorities.sh", environment());
    google.refuseWith = 503;
    const { status, log } = await sandbox.run("authorities.sh", environment());
    expect(status).toBe(0);
    expect(log).toContain("using the postgres.pem of an earlier boot");
  });

  it("never replaces a certificate by anything else", async () => {
    upload();
    await sandbox.run("authorities.sh", environment());
    upload("");
    const running = sandbox.start("authorities.sh", environment());
    await running.says("holds no certificate");
    running.kill();
    await running.finished;
    expect(sandbox.read("authorities/postgres.pem")).toBe(PEM);
  });
});

describe("migration.sh", () => {
  const environment = () => ({
    APP_IMAGE: "registry.example/app@sha256:1",
    APP_USER: "10001:10001",
    AUTHORITIES_DIR: "/var/lib/terrace/authorities",
    AUTHORITIES_MOUNT: "/etc/terrace/authorities",
    GATEWAY_ENVIRONMENT: "/etc/terrace/containers/gateway.env",
  });

  it("runs the release's own command with the gateway's variables, rights and authorities, and no others", async () => {
    sandbox.command("docker");
    expect((await sandbox.run("migration.sh", environment())).status).toBe(0);
    expect(sandbox.calls()).toEqual([
      "docker rm --force terrace-migration",
      "docker run --rm --name=terrace-migration --network=host --cap-drop=ALL --security-opt=no-new-privileges " +
        "--read-only --tmpfs=/tmp --user=10001:10001 --env-file=/etc/terrace/containers/gateway.env " +
        "--volume=/var/lib/terrace/authorities:/etc/terrace/authorities:ro registry.example/app@sha256:1 migrate",
    ]);
  });

  it("does not finish before the database is migrated, and logs the release's output", async () => {
    sandbox.command("docker", '[[ $1 != run || -e "$0.up" ]] || { echo "postgres did not answer" >&2; exit 2; }');
    const running = sandbox.start("migration.sh", environment());
    await running.says("postgres did not answer");
    await running.says("migrating the database failed; trying again");
    sandbox.write("bin/docker.up", "");
    expect((await running.finished).status).toBe(0);
  });
});

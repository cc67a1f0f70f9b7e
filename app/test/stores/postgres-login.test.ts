import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { sql } from "kysely";
import { freePort } from "../../../testing/free-port";
import { describeWith } from "../../../testing/programs";
import { readConfig } from "../../src/config/config";
import { openDatabase } from "../../src/stores/postgres/database";
import { Cluster } from "../../src/stores/postgres/embedded/postgres-cluster";
import { serverAccount } from "../../src/stores/postgres/embedded/server-account";
import { postgresLogin } from "../../src/stores/postgres/login";
import { startMetadata } from "../support/metadata";
import { testBinaries } from "../support/postgres";

/** As Cloud SQL is set up: encrypted connections alone, the password an access token, a certificate of its own authority. */
const HBA = "local all all trust\nhostssl all all 127.0.0.1/32 password\nhostnossl all all all reject\n";
const USER = "llm-vm@acme.iam";

function openssl(folder: string, ...args: string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

/** An authority and a certificate of it for a name that no address has, as Cloud SQL's `project:instance`. */
function certificates(folder: string, name: string): void {
  const subject = ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "1"];
  openssl(
    folder,
    "req",
    "-x509",
    ...subject,
    "-subj",
    `/CN=${name} authority`,
    "-keyout",
    `${name}-ca.key`,
    "-out",
    `${name}-ca.pem`,
  );
  openssl(
    folder,
    "req",
    ...subject.slice(0, -2),
    "-subj",
    "/CN=acme:postgres",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
  );
  openssl(
    folder,
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    `${name}-ca.pem`,
    "-CAkey",
    `${name}-ca.key`,
    "-CAcreateserial",
    "-days",
    "1",
    "-out",
    `${name}.pem`,
  );
}

describeWith(["openssl"], "login to PostgreSQL by IAM, over TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "terrace-test-tls-"));
  let cluster: Cluster;
  let port: number;
  let metadata: Awaited<ReturnType<typeof startMetadata>>;
  let admin: ReturnType<typeof openDatabase>;

  beforeAll(async () => {
    chmodSync(folder, 0o711);
    for (const name of ["ours", "other"]) certificates(folder, name);
    const account = serverAccount(() => {});
    if (account !== undefined)
      for (const file of ["ours.key", "ours.pem"]) chownSync(join(folder, file), account.uid, account.gid);
    chmodSync(join(folder, "ours.key"), 0o600);
    port = await freePort();
    const tls = ["ssl=on", `ssl_cert_file=${folder}/ours.pem`, `ssl_key_file=${folder}/ours.key`];
    const settings = ["fsync=off", "listen_addresses=127.0.0.1", `port=${port}`, ...tls];
    cluster = new Cluster({
      binaries: testBinaries(),
      folder: join(folder, "data"),
      account,
      maxConnections: 20,
      settings,
    });
    await cluster.initialise();
    writeFileSync(join(folder, "data/pg_hba.conf"), HBA);
    await cluster.start();
    admin = openDatabase({ login: { ...cluster.login, port }, poolMax: 1 });
    await sql.raw(`create user "${USER}" password 'token-1'`).execute(admin.sql);
    metadata = await startMetadata();
  });
  afterAll(async () => {
    await admin.close();
    await cluster.stop();
    await metadata.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function open(environment: Readonly<Record<string, string>> = {}) {
    const databaseUrl = `postgresql://${encodeURIComponent(USER)}@127.0.0.1:${port}/postgres`;
    const { stores, metadataUrl } = readConfig({
      DATABASE_URL: databaseUrl,
      DATABASE_AUTH: "google-iam",
      DATABASE_CA_FILE: join(folder, "ours-ca.pem"),
      METADATA_URL: metadata.url,
      ...environment,
    });
    return openDatabase({ login: postgresLogin({ ...stores, databaseUrl, metadataUrl }), poolMax: 4 });
  }

  it("uses one token for many connections, and a fresh one for new connections once it expires", async () => {
    const database = open();
    metadata.give("token-1", 301);
    const asked = metadata.asked();
    await Promise.all([1, 2, 3].map(() => sql`select pg_sleep(0.05)`.execute(database.sql)));
    expect(metadata.asked() - asked).toBe(1);
    const { rows } = await sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(
      database.sql,
    );
    expect(rows).toEqual([{ ssl: true }]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await sql.raw(`alter user "${USER}" password 'token-2'`).execute(admin.sql);
    metadata.give("token-2");
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${USER}`.execute(admin.sql);
    // Each of the three may fail a query before the pool notices that it ended.
    for (const _ of [1, 2, 3]) await database.check().catch(() => {});
    await database.check();
    await database.close();
  });

  it("refuses a server that another authority vouches for, before it sends the token", async () => {
    const asked = metadata.asked();
    const database = open({ DATABASE_CA_FILE: join(folder, "other-ca.pem") });
    await expect(database.check()).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      cause: { code: expect.stringMatching(/CERT|SIGNATURE|ISSUER/) },
    });
    expect(metadata.asked()).toBe(asked);
    await database.close();
  });

  it("names the authority's file that cannot be read", () => {
    expect(() => open({ DATABASE_CA_FILE: "/nowhere.pem" })).toThrow(/^DATABASE_CA_FILE="\/nowhere.pem": ENOENT/);
  });

  it("throws 503 while the metadata server gives no token", async () => {
    metadata.fail(true);
    const database = open();
    await expect(database.check()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    metadata.fail(false);
    await database.check();
    await database.close();
  });
});

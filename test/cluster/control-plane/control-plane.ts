import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { dump } from "js-yaml";
import { freePort } from "../../../testing/free-port";
import { type Credentials, writeCredentials } from "./credentials";
import { type ControlPlanePart, startPart } from "./part";
import { PROGRAM } from "./program";
import { simulatedKubelet } from "./simulated-kubelet";

export interface ControlPlane {
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** Everything that the parts write, which `stop` removes. */
  readonly folder: string;
  /** The parts that have ended, and the end of their logs; empty while all run. */
  readonly ended: () => string;
  readonly stop: () => Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const READY_SECONDS = 60;
const POLL_MS = 200;

const execute = promisify(execFile);

/**
 * Starts etcd, an API server, the controllers, the scheduler and kwok on free ports of the loopback interface.
 * @throws Error with the end of a part's log where one does not come up
 */
export async function startControlPlane(): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), "control-plane-"));
  const parts: ControlPlanePart[] = [];
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  const stop = async () => {
    // Each before those that it calls.
    for (const part of parts.splice(0).reverse()) await part.stop();
    process.off("exit", removeFolder);
    removeFolder();
  };
  process.once("exit", removeFolder);
  try {
    const etcd = `http://${LOOPBACK}:${await freePort()}`;
    parts.push(startPart("etcd", etcdFlags(folder, etcd, await freePort()), folder));
    const port = await freePort();
    const credentials = writeCredentials(join(folder, "credentials"), `https://${LOOPBACK}:${port}`);
    parts.push(startPart("kube-apiserver", apiServerFlags(etcd, port, credentials), folder));
    const kubeconfig = credentials.kubeconfigOf("admin");
    await untilReady(kubeconfig, parts);
    parts.push(startPart("kube-controller-manager", controllerFlags(credentials), folder));
    parts.push(startPart("kube-scheduler", schedulerFlags(credentials), folder));
    parts.push(startPart("kwok", kwokFlags(folder, credentials), folder));
    return { kubeconfig, folder, ended: () => endedOf(parts), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function etcdFlags(folder: string, clients: string, peerPort: number): string[] {
  const peers = `http://${LOOPBACK}:${peerPort}`;
  const data = join(folder, "etcd");
  mkdirSync(data, { mode: 0o700 });
  return [
    `--data-dir=${data}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    // It is thrown away with the tests.
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

function apiServerFlags(etcd: string, port: number, credentials: Credentials): string[] {
  return [
    `--etcd-servers=${etcd}`,
    `--bind-address=${LOOPBACK}`,
    `--advertise-address=${LOOPBACK}`,
    `--secure-port=${port}`,
    `--cert-dir=${credentials.certificates}`,
    `--token-auth-file=${credentials.tokens}`,
    "--anonymous-auth=false",
    "--authorization-mode=RBAC",
    `--service-account-key-file=${credentials.publicKey}`,
    `--service-account-signing-key-file=${credentials.privateKey}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.96.0.0/16",
    // A loopback address cannot be an endpoint.
    "--endpoint-reconciler-type=none",
    // So that it is Pod Security that refuses them.
    "--allow-privileged",
  ];
}

function controllerFlags(credentials: Credentials): string[] {
  return [
    `--kubeconfig=${credentials.kubeconfigOf("system:kube-controller-manager")}`,
    `--service-account-private-key-file=${credentials.privateKey}`,
    `--root-ca-file=${credentials.authority}`,
    "--use-service-account-credentials",
    "--leader-elect=false",
    "--secure-port=0",
    // 15 s by default, which tests would wait for.
    "--horizontal-pod-autoscaler-sync-period=1s",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
  ];
}

function schedulerFlags(credentials: Credentials): string[] {
  return [
    `--kubeconfig=${credentials.kubeconfigOf("system:kube-scheduler")}`,
    "--leader-elect=false",
    "--secure-port=0",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
  ];
}

function kwokFlags(folder: string, credentials: Credentials): string[] {
  const config = join(folder, "kwok.yaml");
  writeFileSync(
    config,
    simulatedKubelet()
      .map((stage) => dump(stage))
      .join("---\n"),
  );
  return [
    `--kubeconfig=${credentials.kubeconfigOf("kwok")}`,
    `--config=${config}`,
    "--manage-all-nodes",
    "--node-lease-duration-seconds=40",
  ];
}

async function untilReady(kubeconfig: string, parts: readonly ControlPlanePart[]): Promise<void> {
  const deadline = Date.now() + READY_SECONDS * 1_000;
  const args = ["kubectl", "--kubeconfig", kubeconfig, "get", "--raw=/readyz"];
  for (;;) {
    const answer = await execute(PROGRAM, args).catch(() => undefined);
    if (answer?.stdout === "ok") return;
    const ended = endedOf(parts);
    if (ended !== "") throw new Error(ended);
    if (Date.now() > deadline) {
      const logs = parts.map((part) => `${part.name}:\n${part.log()}`).join("\n");
      throw new Error(`the API server is not ready after ${READY_SECONDS} s\n${logs}`);
    }
    await delay(POLL_MS);
  }
}

function endedOf(parts: readonly ControlPlanePart[]): string {
  return parts
    .flatMap((part) => {
      const code = part.exit();
      return code === undefined ? [] : `${part.name} ended with ${code}:\n${part.log()}`;
    })
    .join("\n");
}

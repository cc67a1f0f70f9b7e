/** Keys, tokens and kubeconfigs that live as long as one control plane. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** User → its groups. The parts act as the users for which Kubernetes has roles. */
const USERS = {
  admin: ["system:masters"],
  "system:kube-controller-manager": [],
  "system:kube-scheduler": [],
  /** Is all nodes at once, for which there is no role. */
  kwok: ["system:masters"],
} as const;
type User = keyof typeof USERS;

export interface Credentials {
  /** For `--token-auth-file`. */
  readonly tokens: string;
  /** Signs the tokens of service accounts. */
  readonly privateKey: string;
  readonly publicKey: string;
  /** Where the API server writes the certificate that it makes for itself. */
  readonly certificates: string;
  /** Of that folder, once the API server has started. */
  readonly authority: string;
  readonly kubeconfigOf: (user: User) => string;
}

/** Writes them into the folder. */
export function writeCredentials(folder: string, server: string): Credentials {
  const at = (name: string) => join(folder, name);
  mkdirSync(folder, { recursive: true });
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeFileSync(at("service-accounts.key"), keys.privateKey, { mode: 0o600 });
  writeFileSync(at("service-accounts.pub"), keys.publicKey);

  const authority = at("apiserver.crt");
  const lines: string[] = [];
  const kubeconfigs = new Map<string, string>();
  for (const [user, groups] of Object.entries(USERS)) {
    const token = randomBytes(24).toString("base64url");
    lines.push(`${token},${user},${user},"${groups.join(",")}"`);
    const file = at(`${user.replaceAll(":", "-")}.kubeconfig`);
    writeFileSync(file, JSON.stringify(kubeconfig({ server, authority, user, token })), { mode: 0o600 });
    kubeconfigs.set(user, file);
  }
  writeFileSync(at("tokens.csv"), `${lines.join("\n")}\n`, { mode: 0o600 });
  return {
    tokens: at("tokens.csv"),
    privateKey: at("service-accounts.key"),
    publicKey: at("service-accounts.pub"),
    certificates: folder,
    authority,
    kubeconfigOf: (user) => kubeconfigs.get(user) ?? "",
  };
}

interface KubeconfigProps {
  readonly server: string;
  readonly authority: string;
  readonly user: string;
  readonly token: string;
}

function kubeconfig({ server, authority, user, token }: KubeconfigProps) {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster: { server, "certificate-authority": authority } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "context", context: { cluster: "cluster", user } }],
    "current-context": "context",
  };
}

import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { Construct } from "constructs";

/** A destroyed version can be recovered for a week. */
const VERSION_DESTROY_TTL_SECONDS = 7 * 24 * 3600;

export interface SecretContainerProps {
  readonly name: string;
  /** Values leave it for no replica. */
  readonly region: string;
  /** IAM members, each by a name. */
  readonly readers: Readonly<Record<string, string>>;
}

/**
 * Without a value, which would be in Terraform's state: add versions with `gcloud secrets versions add NAME
 * --data-file=-`.
 * @example
 * new SecretContainer(this, "grafana-admin", {
 *   name: "terrace-demo-grafana-admin", region: "asia-northeast3", readers: { monitoring: names.accountMember("monitoring") },
 * });
 */
export class SecretContainer extends Construct {
  constructor(scope: Construct, id: string, props: SecretContainerProps) {
    super(scope, id);
    const secret = new SecretManagerSecret(this, "secret", {
      secretId: props.name,
      replication: { userManaged: { replicas: [{ location: props.region }] } },
      versionDestroyTtl: `${VERSION_DESTROY_TTL_SECONDS}s`,
    });
    for (const [name, member] of Object.entries(props.readers)) {
      new SecretManagerSecretIamMember(this, `reader-${name}`, {
        secretId: secret.id,
        role: "roles/secretmanager.secretAccessor",
        member,
      });
    }
  }
}

import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { Construct } from "constructs";

/** Seconds that a destroyed version stays recoverable: a week, to notice that something still used it. */
const VERSION_DESTROY_TTL_SECONDS = 7 * 24 * 3600;

export interface SecretContainerProps {
  readonly name: string;
  /** Region of the values: they leave it for no replica. */
  readonly region: string;
  /** IAM members that may read the value, by a name for each. */
  readonly readers: Readonly<Record<string, string>>;
}

/**
 * A Secret Manager secret without a value. A person or a pipeline adds versions
 * (`gcloud secrets versions add NAME --data-file=-`): a value that passes through Terraform stands in its state for ever.
 *
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

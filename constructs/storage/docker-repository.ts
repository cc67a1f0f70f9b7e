import { ArtifactRegistryRepository } from "@cdktf/provider-google/lib/artifact-registry-repository";
import { ArtifactRegistryRepositoryIamMember } from "@cdktf/provider-google/lib/artifact-registry-repository-iam-member";
import { Construct } from "constructs";

const DAY_SECONDS = 24 * 3600;
/** For a rollback, whatever their age. */
const KEPT_VERSIONS = 10;
/** A machine may still run an untagged image by digest. */
const UNTAGGED_DAYS = 30;
/** Fetched anew when pulled again. */
const MIRRORED_DAYS = 90;

export interface DockerRepositoryProps {
  readonly name: string;
  readonly region: string;
  readonly description: string;
  /** Not of a mirror. @default tags may move */
  readonly immutableTags?: boolean | undefined;
  /** E.g. `https://registry-1.docker.io`. @default none: own images */
  readonly upstream?: string | undefined;
  /** IAM members, each by a name. */
  readonly readers: Readonly<Record<string, string>>;
}

/**
 * Own images, or a mirror, which keeps what was pulled once: machines boot without the internet, and through a
 * registry's outage or pull limit.
 * A keep policy wins over every delete policy; without one a quiet month would delete the image in use.
 * @example
 * new DockerRepository(this, "images", { name: "terrace-demo", region: "asia-northeast3", description: "Own images.", readers: { "llm-vm": member } });
 */
export class DockerRepository extends Construct {
  constructor(scope: Construct, id: string, props: DockerRepositoryProps) {
    super(scope, id);
    const repository = new ArtifactRegistryRepository(this, "repository", {
      repositoryId: props.name,
      location: props.region,
      description: props.description,
      format: "DOCKER",
      cleanupPolicyDryRun: false,
      ...(props.upstream === undefined ? own(props) : mirror(props.upstream)),
    });
    for (const [name, member] of Object.entries(props.readers)) {
      new ArtifactRegistryRepositoryIamMember(this, `reader-${name}`, {
        repository: repository.name,
        location: props.region,
        role: "roles/artifactregistry.reader",
        member,
      });
    }
  }
}

const keepLatest = { id: "keep-latest", action: "KEEP", mostRecentVersions: { keepCount: KEPT_VERSIONS } };

function deleteAfter(id: string, days: number, tagState: "UNTAGGED" | "ANY") {
  return { id, action: "DELETE", condition: { tagState, olderThan: `${days * DAY_SECONDS}s` } };
}

function own(props: DockerRepositoryProps) {
  return {
    mode: "STANDARD_REPOSITORY",
    // A block of false alone is neither sent nor returned, so every plan would add it again.
    ...(props.immutableTags === true ? { dockerConfig: { immutableTags: true } } : {}),
    cleanupPolicies: [keepLatest, deleteAfter("delete-untagged", UNTAGGED_DAYS, "UNTAGGED")],
  };
}

function mirror(upstream: string) {
  return {
    mode: "REMOTE_REPOSITORY",
    remoteRepositoryConfig: { description: upstream, commonRepository: { uri: upstream } },
    cleanupPolicies: [keepLatest, deleteAfter("delete-old", MIRRORED_DAYS, "ANY")],
  };
}

import { ArtifactRegistryRepository } from "@cdktf/provider-google/lib/artifact-registry-repository";
import { ArtifactRegistryRepositoryIamMember } from "@cdktf/provider-google/lib/artifact-registry-repository-iam-member";
import { Construct } from "constructs";

const DAY_SECONDS = 24 * 3600;
/** Versions of each image that stay whatever their age: the way back of a rollback. */
const KEPT_VERSIONS = 10;
/** An untagged image is one that its tag has left; it may still be what a machine runs by digest. */
const UNTAGGED_DAYS = 30;
/** A mirrored image that is deleted is fetched anew when it is asked for. */
const MIRRORED_DAYS = 90;

export interface DockerRepositoryProps {
  readonly name: string;
  readonly region: string;
  /** What the repository holds, for people. */
  readonly description: string;
  /** Refuses to move a tag to another image. Ignored for a mirror. @default tags may move */
  readonly immutableTags?: boolean | undefined;
  /** Registry to mirror, e.g. `https://registry-1.docker.io`. @default a repository of one's own images */
  readonly upstream?: string | undefined;
  /** IAM members that may pull, by a name for each. */
  readonly readers: Readonly<Record<string, string>>;
}

/**
 * A Docker repository of Artifact Registry: for own images, or the mirror of a public registry.
 *
 * A mirror fetches an image when it is first pulled and keeps it, so that machines without the internet boot, and a
 * registry's outage or pull limit stops no reboot. Its readers need no more than reading.
 *
 * Cleanup: what a keep policy names is never deleted, whatever a delete policy says; without a keep policy a quiet month
 * would delete the image in use. Pulled by digest, a running version has no tag, hence the long delay.
 *
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
    dockerConfig: { immutableTags: props.immutableTags ?? false },
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

import { ArtifactRegistryRepository } from "@cdktf/provider-google/lib/artifact-registry-repository";
import { describe, it } from "@jest/globals";
import { DockerRepository } from "../../constructs/storage/docker-repository";
import { templateOf } from "./stack-of";

const props = {
  name: "images",
  region: "asia-northeast3",
  description: "Images.",
  readers: { "llm-vm": "serviceAccount:llm@acme" },
};
const keepLatest = { id: "keep-latest", action: "KEEP", mostRecentVersions: { keepCount: 10 } };

describe("DockerRepository", () => {
  it("keeps the newest versions whatever their age, and deletes others without a dry run", () => {
    templateOf((scope) => new DockerRepository(scope, "r", { ...props, immutableTags: true })).expectResource(
      ArtifactRegistryRepository,
      {
        mode: "STANDARD_REPOSITORY",
        format: "DOCKER",
        cleanupPolicyDryRun: false,
        dockerConfig: { immutableTags: true },
        cleanupPolicies: [
          keepLatest,
          { id: "delete-untagged", action: "DELETE", condition: { tagState: "UNTAGGED", olderThan: "2592000s" } },
        ],
      },
    );
  });

  it("mirrors a registry", () => {
    templateOf((scope) => new DockerRepository(scope, "r", { ...props, upstream: "https://nvcr.io" })).expectResource(
      ArtifactRegistryRepository,
      {
        mode: "REMOTE_REPOSITORY",
        remoteRepositoryConfig: { commonRepository: { uri: "https://nvcr.io" } },
      },
    );
  });
});

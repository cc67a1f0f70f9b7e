import { z } from "zod";
import { domainName, oneOf, text } from "./fields";

const IAM_MEMBER = /^(user|group|serviceAccount|domain):[^\s@]+(@[^\s@]+)?$/;

function githubNumber(of: string, field: string) {
  const error = `must be the number of the ${of}, as \`gh api repos/OWNER/NAME --jq ${field}\` prints it`;
  return z.int({ error }).min(1, { error });
}

/** Where the environment lives and who may touch it. */
export const projectFields = {
  environment: text(/^[a-z][a-z0-9]{1,11}$/, {
    rule: "must be 2 to 12 lower-case letters or digits, because it is part of every resource name",
    fix: "shorten it, such as production",
  }).describe("Name of the environment; part of every stack id and resource name."),

  profile: oneOf(["demo", "production"], "a profile").describe(
    "Which promises are enforced: `production` demands digests, two zones, an on-demand floor, a domain and alerts; `demo` does not.",
  ),

  project: text(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/, {
    rule: "must be a Google Cloud project id: 6 to 30 lower-case letters, digits or hyphens, beginning with a letter",
    fix: "copy it from `gcloud projects list`, or set TERRACE_<ENVIRONMENT>_PROJECT_ID",
  }).describe("Google Cloud project id. Overridden by TERRACE_<ENVIRONMENT>_PROJECT_ID."),

  region: text(/^[a-z]+-[a-z]+[0-9]{1,2}$/, {
    rule: "must be a Google Cloud region",
    fix: "write it like asia-northeast3",
  }).describe("Region of every regional resource."),

  labels: z
    .record(
      text(/^[a-z][-_a-z0-9]{0,62}$/, {
        rule: "must be a label key of lower-case letters, digits, hyphens or underscores",
        fix: "respell the key, such as team",
      }),
      text(/^[-_a-z0-9]{0,63}$/, {
        rule: "must be a label value of at most 63 lower-case letters, digits, hyphens or underscores",
        fix: "respell the value, such as ai-platform",
      }),
    )
    .default({})
    .describe(
      "Labels on every resource that takes labels, beside `environment`, `stack` and `managed-by`; a machine's boot disk keeps those that it was made with. None by default.",
    ),

  stateBackend: oneOf(["gcs", "local"], "a state backend")
    .default("gcs")
    .describe(
      "`gcs` keeps the state of each stack in the bucket that the bootstrap stack makes; `local` in a file beside main.ts.",
    ),

  ci: z
    .strictObject({
      repository: text(/^[A-Za-z0-9][-A-Za-z0-9]{0,38}\/[A-Za-z0-9._-]{1,100}$/, {
        rule: "must be one GitHub repository as owner/name",
        fix: "write it like acme/terrace, never a wildcard",
      }).describe("The one repository whose workflows may deploy."),
      repositoryId: githubNumber("repository", ".id")
        .optional()
        .describe(
          "Number of that repository, which a new one of the same name does not get: `gh api repos/OWNER/NAME --jq .id`. Required in production; unchecked by default.",
        ),
      repositoryOwnerId: githubNumber("repository's owner", ".owner.id")
        .optional()
        .describe(
          "Number of its owner: `gh api repos/OWNER/NAME --jq .owner.id`. Required in production; unchecked by default.",
        ),
      branch: text(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/, {
        rule: "must be one branch name",
        fix: "write main",
      })
        .default("main")
        .describe("The one branch whose workflows may deploy; `main` by default."),
      githubEnvironment: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, {
        rule: "must be the name of a GitHub environment",
        fix: "write it like production",
      })
        .optional()
        .describe("GitHub environment that the deploying job must run in; any by default."),
    })
    .describe("Who may deploy, by Workload Identity Federation. No key exists."),

  operators: z
    .array(text(IAM_MEMBER, { rule: "must be an IAM member", fix: "write it like group:ops@example.com" }))
    .default([])
    .describe("IAM members that may reach machines by IAP and OS Login. Nobody by default."),

  domain: z
    .strictObject({
      host: domainName.describe("Host name of the service, e.g. llm.example.com."),
      aliases: z
        .array(domainName)
        .default([])
        .describe(
          "Other names that the service answers on, each with its own records and certificate: the next `host` before it becomes that, the last one afterwards. None by default.",
        ),
      dnsZone: domainName.describe(
        "Domain of the public Cloud DNS zone that foundation makes; `host` and `aliases` lie in it.",
      ),
    })
    .nullable()
    .default(null)
    .describe(
      "Public name with HTTPS. Without it (the default) the service is plain HTTP on its address, for trials only.",
    ),
};

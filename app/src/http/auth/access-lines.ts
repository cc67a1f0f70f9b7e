import { ENV } from "../../contract/variables";
import type { AccessPolicy } from "./access";
import type { LocalToken } from "./local-token";

/** The start lines about who is accepted, none of which holds a token; empty where configured tokens decide. */
export function accessLines(policy: AccessPolicy, local: Pick<LocalToken, "file"> | undefined): readonly string[] {
  if (policy === "tokens") return [];
  if (policy === "nobody" || local === undefined) {
    return [`nobody is let in: ${ENV.serviceTokens} is not set; npm run token -- NAME makes a token`];
  }
  const header = `curl -H "authorization: Bearer $(cat ${local.file})"`;
  if (policy === "local token") return [`requests need the token of this machine: ${header} …`];
  return [
    "this first start lets programs on this machine generate without a token; from the next start on they need it,",
    `and /api/v1/admin does now: ${header} …`,
  ];
}

/** Address of the page with the token in its fragment, which a browser sends to no server. */
export function pageLink(port: number, { text }: Pick<LocalToken, "text">): string {
  return `http://localhost:${port}/#token=${text}`;
}

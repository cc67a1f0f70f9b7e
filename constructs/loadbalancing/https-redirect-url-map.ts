import { ComputeUrlMap } from "@cdktf/provider-google/lib/compute-url-map";
import { Construct } from "constructs";

export interface HttpsRedirectUrlMapProps {
  readonly name: string;
  /** For the map's own test; every host is redirected. */
  readonly host: string;
}

/**
 * By 308: after 301 many clients repeat a POST as a GET without its body. A URL map either redirects or serves.
 * @example
 * new HttpsRedirectUrlMap(this, "redirect", { name: names.of("redirect"), host: "llm.example.com" });
 */
export class HttpsRedirectUrlMap extends Construct {
  readonly resource: ComputeUrlMap;

  constructor(scope: Construct, id: string, { name, host }: HttpsRedirectUrlMapProps) {
    super(scope, id);
    this.resource = new ComputeUrlMap(this, "map", {
      name,
      defaultUrlRedirect: { httpsRedirect: true, redirectResponseCode: "PERMANENT_REDIRECT", stripQuery: false },
      test: [{ host, path: "/", expectedOutputUrl: `https://${host}/`, expectedRedirectResponseCode: 308 }],
    });
  }

  get link(): string {
    return this.resource.id;
  }
}

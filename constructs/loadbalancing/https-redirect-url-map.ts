import { ComputeUrlMap } from "@cdktf/provider-google/lib/compute-url-map";
import { Construct } from "constructs";

export interface HttpsRedirectUrlMapProps {
  readonly name: string;
  /** Host name that the map's own test asks for; every host is redirected. */
  readonly host: string;
}

/**
 * URL map that sends every request from HTTP to HTTPS, path and query kept.
 *
 * By 308, not 301: after 301 many clients repeat a POST as a GET without its body, and every generation route is a
 * POST. A URL map either redirects or serves, so this one stands beside the one with the routes.
 *
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

  /** Link for a target proxy. */
  get link(): string {
    return this.resource.id;
  }
}

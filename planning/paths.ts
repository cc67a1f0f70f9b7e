/** A path of a route class without a last `/*` and without slashes at its end; empty for `/`. Two with one base overlap. */
export function basePath(path: string): string {
  return path.replace(/\/\*$/, "").replace(/\/+$/, "");
}

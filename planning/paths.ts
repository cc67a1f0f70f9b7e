/** `/til` of `/til/`, `/til/*` and `/til`; empty for `/`. Two paths with one base overlap. */
export function basePath(path: string): string {
  return path.replace(/\/\*$/, "").replace(/\/+$/, "");
}

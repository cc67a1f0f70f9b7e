/** What one apply does with one resource; a replacement is two. */
export interface Operation {
  readonly verb: "create" | "update" | "destroy";
  readonly address: string;
}

/** Which operations wait for which, as Terraform orders them. */
export class ApplyOrder {
  private readonly edges: ReadonlyMap<string, readonly string[]>;

  /** @param dot what `terraform graph -plan=…` prints */
  constructor(dot: string) {
    const edges = new Map<string, string[]>();
    for (const [, later = "", earlier = ""] of dot.replaceAll(DEPOSED, "(destroy)").matchAll(EDGE)) {
      edges.set(later, [...(edges.get(later) ?? []), earlier]);
    }
    this.edges = edges;
  }

  /** Whether the first operation has ended when the second begins. */
  isBefore(first: Operation, second: Operation): boolean {
    return this.reaches(node(second), node(first), new Set());
  }

  private reaches(from: string, to: string, seen: Set<string>): boolean {
    if (seen.has(from)) return false;
    seen.add(from);
    return (this.edges.get(from) ?? []).some((next) => next === to || this.reaches(next, to, seen));
  }
}

/** The old one of a resource whose new one is created first. */
const DEPOSED = /\(destroy deposed [0-9a-f]+\)/g;
const EDGE = /"\[root\] ([^\n]+)" -> "\[root\] ([^\n]+)"/g;

function node({ verb, address }: Operation): string {
  return verb === "destroy" ? `${address} (destroy)` : address;
}

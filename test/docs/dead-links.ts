import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { readProjectFile } from "./files";

const ROOT = join(__dirname, "..", "..");

/** A heading's anchor, as GitHub makes it. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** Anchors of a page: a heading that comes again gets a number. */
function anchors(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, heading = ""] of withoutCode(text).matchAll(/^#+ (.+)$/gm)) {
    const name = anchor(heading);
    let unique = name;
    for (let count = 1; found.has(unique); count += 1) unique = `${name}-${count}`;
    found.add(unique);
  }
  return found;
}

function withoutCode(text: string): string {
  return text.replace(/^( *)```[\s\S]*?^\1```/gm, "");
}

/** Links and pictures of a page that lead to no file and no heading of the project. Addresses of other sites are not tried. */
export function deadLinks(path: string, text: string): readonly string[] {
  const links = [...withoutCode(text).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^(?:https?|mailto):/.test(link)) return false;
    const [file = "", fragment] = link.split("#");
    const target = file === "" ? path : normalize(join(dirname(path), file));
    const self = target === path;
    if (target.startsWith("..") || !(self || existsSync(join(ROOT, target)))) return true;
    return fragment !== undefined && !anchors(self ? text : readProjectFile(target)).has(fragment);
  });
}

type Attributes = Readonly<Record<string, number | string | undefined>>;

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An element; numbers are cut to a tenth, which no eye sees. @throws RangeError where a number is none */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === "number" ? tenths(value) : escaped(value)}"`],
  );
  const inside = children.join("");
  return inside === "" ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${inside}</${name}>`;
}

export function text(content: string, attributes: Attributes): string {
  return element("text", attributes, escaped(content));
}

export function tenths(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no place in a picture`);
  return String(Number(value.toFixed(1)));
}

/** Width of text, in pixels: nearly, because the font is the reader's. */
export function textWidth(content: string, fontSize: number): number {
  return content.length * fontSize * 0.56;
}

/** Text that fits, with an ellipsis where it is cut. */
export function fitted(content: string, width: number, fontSize: number): string {
  if (textWidth(content, fontSize) <= width) return content;
  return `${content.slice(0, Math.max(1, Math.floor(width / (fontSize * 0.56)) - 1))}…`;
}

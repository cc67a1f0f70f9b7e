/**
 * The JSON value in a model's answer: the whole text, or else the first balanced object in it (models like to wrap JSON
 * in a code fence or a sentence). `undefined` where there is none.
 */
export function extractJson(text: string): unknown {
  const whole = parse(text);
  if (whole !== undefined) return whole;
  for (let start = text.indexOf("{"); start !== -1; start = text.indexOf("{", start + 1)) {
    const end = endOfObject(text, start);
    // No end from here: none from further inside either, save in a string, which is no answer.
    if (end === undefined) return undefined;
    const value = parse(text.slice(start, end));
    if (value !== undefined) return value;
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Index after the brace that closes the one at `start`, braces in strings not counted. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}

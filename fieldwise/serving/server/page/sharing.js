// A row as a link, and as a command.

import { parse, write } from "./asking.js";

export function toFragment(ranker, row) {
  const parts = new URLSearchParams({ ranker, row: write(row) });
  return `#${parts}`;
}

export function fromFragment(fragment) {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const found = { ranker: parts.get("ranker"), row: null };
  if (!parts.has("row")) return found;
  try {
    const row = parse(parts.get("row"));
    if (row && typeof row === "object" && !Array.isArray(row)) found.row = row;
  } catch { /* a link that was cut: the example row is shown */ }
  return found;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// The token is never written out: whoever runs the command has it in the environment.
export function toCurl(url, row, hasToken) {
  const token = hasToken ? ' -H "Authorization: Bearer $TOKEN"' : "";
  const body = write({ rows: [row] });
  return `curl ${quoted(url)} -H 'Content-Type: application/json'${token} -d ${quoted(body)}`;
}

// Browsers give the clipboard to safe origins only.
export async function copy(text, fallback) {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    fallback();
    return "copy it from below";
  }
}

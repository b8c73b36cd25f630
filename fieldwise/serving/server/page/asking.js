// Asks the server. A newer question of the same kind takes back the older one.

let token = "";
const running = new Map();

export const setToken = (value) => { token = value; };
export const hasToken = () => token !== "";

// Whole numbers that JavaScript would round stay text here, and digits on their way.
export class Digits {
  constructor(text) { this.text = text; }
  toJSON() { return `\0${this.text}\0`; }
}

export const write = (value) => JSON.stringify(value).replace(/"\\u0000(-?\d+)\\u0000"/g, "$1");

export function parse(text) {
  const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const safe = text.replace(token, (found) => (/^-?\d{16,}$/.test(found) ? `"${found}"` : found));
  return JSON.parse(safe);
}

export class Problem extends Error {
  constructor(status, told) {
    super(told.detail || `the server answered ${status}`);
    this.status = status;
    this.errors = told.errors || [];
  }
}

// Gives null where a newer question was asked meanwhile.
export async function ask(kind, path, body) {
  running.get(kind)?.abort();
  const controller = new AbortController();
  running.set(kind, controller);
  const isNewest = () => running.get(kind) === controller;
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(path, {
      method: body ? "POST" : "GET",
      headers,
      body: body && write(body),
      signal: controller.signal,
      cache: "no-store",
      credentials: "omit",
    });
    const text = await answer.text();
    if (!isNewest()) return null;
    let told = {};
    try { told = parse(text); } catch { /* a proxy may answer in HTML */ }
    if (!answer.ok) throw new Problem(answer.status, told);
    return told;
  } catch (error) {
    if (error.name === "AbortError" || !isNewest()) return null;
    if (error instanceof Problem) throw error;
    throw new Problem(0, { detail: "The server cannot be reached. Is it still running?" });
  }
}

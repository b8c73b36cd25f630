// Draws answers: the score with its bar and its change, and what each field adds.

import { byId, isolated, make } from "./making.js";

const MOST_FIELDS = 40;

const minus = (text) => text.replace(/^-/, "−");

export function digits(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.0001 || size >= 1e6)) return minus(value.toExponential(2));
  return minus(value.toFixed(size < 1 ? 4 : size < 100 ? 3 : 1));
}

export const signed = (value) => `${value < 0 ? "−" : "+"}${digits(Math.abs(value))}`;

function change(now, before) {
  if (before === undefined) return [""];
  if (now === before) return ["no change"];
  const kind = now > before ? "up" : "down";
  return [make("span", { class: kind }, `${now > before ? "▲" : "▼"} ${signed(now - before)}`), ` from ${digits(before)}`];
}

function bar(now, before) {
  const fill = make("div", { class: "fill" });
  // The policy of the page forbids styles in markup, not those of scripts.
  fill.style.width = `${100 * now}%`;
  const track = make("div", { class: "track", "aria-hidden": "true" }, fill);
  if (before !== undefined) {
    const mark = make("div", { class: "before" });
    mark.style.left = `min(${100 * before}%, 100% - 2px)`;
    track.append(mark);
  }
  return track;
}

function showMini(label, now, before) {
  byId("mini").replaceChildren(
    make("span", {}, isolated(label), ` ${digits(now)}`), make("span", {}, ...change(now, before)));
}

export function showScores(labels, predictions, before, chosen) {
  byId("scores").classList.remove("stale");
  byId("stale").hidden = true;
  showMini(chosen, predictions[chosen][0], before?.[chosen]?.[0]);
  byId("scores").replaceChildren(...labels.map(({ label, kind }) => {
    const now = predictions[label][0];
    const old = before?.[label]?.[0];
    const unit = kind === "real" ? "value" : "probability";
    return make("div", { class: label === chosen ? "score" : "score other" },
      make("p", { class: "name" }, isolated(label), ` · ${unit}`),
      make("p", { class: "value" }, digits(now)),
      ...(kind === "real" ? [] : [bar(now, old)]),
      make("p", { class: "change" }, ...change(now, old)));
  }));
}

export function showWhy(base, explanation) {
  const parts = explanation.contributions.slice(0, MOST_FIELDS);
  const largest = Math.max(1e-12, ...parts.map(({ adds }) => Math.abs(adds)));
  const decimals = largest < 0.01 ? 6 : 4;
  const rows = parts.map(({ field, adds }) => {
    const share = (50 * Math.abs(adds)) / largest;
    const mark = make("span", { class: adds < 0 ? "less" : "more" });
    mark.style.left = `${adds < 0 ? 50 - share : 50}%`;
    mark.style.width = `${share}%`;
    return make("tr", {}, make("th", { scope: "row" }, isolated(field)),
      make("td", {}, make("div", { class: "pull" }, mark)),
      make("td", { class: "adds" }, `${adds < 0 ? "−" : "+"}${Math.abs(adds).toFixed(decimals)}`));
  });
  const left = explanation.contributions.length - parts.length;
  const more = left ? ` The ${left} fields that add least are left out.` : "";
  byId("why-lead").textContent = `Usual rows have a logit of ${digits(base)}; this one has ${digits(explanation.logit)}. `
    + `The difference, field by field:${more}`;
  byId("why").classList.remove("stale");
  byId("why").tBodies[0].replaceChildren(...rows);
  byId("why").hidden = byId("why-key").hidden = false;
}

export function showStale() {
  byId("scores").classList.add("stale");
  byId("why").classList.add("stale");
  byId("stale").hidden = !byId("scores").hasChildNodes();
}

export function showNothing() {
  byId("scores").replaceChildren();
  byId("mini").replaceChildren();
  byId("stale").hidden = true;
  byId("why-lead").textContent = "Waiting for the first answer.";
  byId("why").hidden = byId("why-key").hidden = true;
}

export function showProblem(text) {
  byId("problem").hidden = !text;
  byId("problem").textContent = text;
}

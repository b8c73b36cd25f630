// The page: one ranker, one row, and what the server says of it.

import { Problem, ask, hasToken, setToken } from "./asking.js";
import { control } from "./controls.js";
import { byId, make } from "./making.js";
import { copy, fromFragment, toCurl, toFragment } from "./sharing.js";
import { showNothing, showProblem, showScores, showStale, showWhy } from "./showing.js";

const SCORE_AFTER = 120;
const WHY_AFTER = 350;
const MANY_FIELDS = 12;

const state = { ranker: "", schema: null, controls: [], before: undefined, now: undefined, chosen: "" };
const timers = {};

const pathOf = (question) => `v1/rankers/${encodeURIComponent(state.ranker)}/${question}`;

function later(name, milliseconds, act) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(act, milliseconds);
}

function readRow() {
  const row = {};
  state.controls.forEach((each) => each.read(row));
  return row;
}

function sayOf(errors) {
  const wrong = new Map();
  for (const { field, rule, remedy, value } of errors) {
    if (field == null || wrong.has(field)) continue;
    wrong.set(field, `This ${rule}${value == null ? "" : `, got ${value}`}. ${remedy}`);
  }
  state.controls.forEach((each) => each.say(wrong.get(each.name) || "", true));
  return wrong;
}

function fail(error) {
  if (!(error instanceof Problem)) throw error;
  const wrong = sayOf(error.errors);
  showStale();
  if (wrong.size) {
    const names = [...wrong.keys()].map((name) => `“${name}”`).join(", ");
    showProblem(`This row cannot be scored: look at ${names}.`);
  } else if (error.status === 401) {
    showProblem("This server asks for a token: fill in the field “Bearer token”.");
  } else {
    showProblem(error.message);
  }
}

async function score() {
  try {
    const told = await ask("score", pathOf("predict"), { rows: [readRow()] });
    if (!told) return;
    showProblem("");
    sayOf([]);
    state.before = state.now;
    state.now = told.predictions;
    showScores(state.schema.labels, state.now, state.before, state.chosen);
    state.controls.forEach((each) => {
      const count = Object.hasOwn(told.unknown, each.name) ? told.unknown[each.name] : 0;
      if (count) each.say("Not among the known values: scored as unknown.", false);
    });
  } catch (error) { fail(error); }
}

async function why() {
  try {
    const told = await ask("why", pathOf("explain"), { rows: [readRow()], label: state.chosen });
    if (told) showWhy(told.base, told.explanations[0]);
  } catch (error) { fail(error); }
}

function changed() {
  const row = readRow();
  history.replaceState(null, "", toFragment(state.ranker, row));
  byId("request").textContent = curl(row);
  later("score", SCORE_AFTER, score);
  later("why", WHY_AFTER, why);
}

const curl = (row) => toCurl(new URL(pathOf("predict"), document.baseURI).href, row, hasToken());

function writeRow(row) {
  state.controls.forEach((each) => each.write(row));
  changed();
}

function showSchema(told, row) {
  Object.assign(state, { schema: told, before: undefined, now: undefined });
  const labels = told.labels.map(({ label }) => label);
  state.chosen = labels.includes(state.chosen) ? state.chosen : labels[0];
  byId("label").replaceChildren(...labels.map((label) => make("option", { value: label }, label)));
  byId("label").value = state.chosen;
  byId("label-pick").hidden = labels.length < 2;
  byId("about").textContent = `${told.model}, ${told.num_fields} fields, version ${told.version.slice(0, 12)}`;
  state.controls = told.fields.map((field, place) => control(field, place, changed));
  byId("fields").replaceChildren(...state.controls.map((each) => each.element));
  byId("find").value = "";
  byId("find-pick").hidden = state.controls.length <= MANY_FIELDS;
  showNothing();
  writeRow(row || told.example);
}

async function open(ranker, row) {
  state.ranker = ranker;
  try {
    const told = await ask("schema", pathOf("schema"));
    if (told) { showProblem(""); showSchema(told, row); }
  } catch (error) { fail(error); }
}

async function start() {
  const wanted = fromFragment(location.hash);
  try {
    const told = await ask("rankers", "v1/rankers");
    if (!told) return;
    showProblem("");
    const names = told.rankers.map(({ ranker }) => ranker);
    byId("ranker").replaceChildren(...names.map((name) => make("option", { value: name }, name)));
    const name = names.includes(wanted.ranker) ? wanted.ranker : told.default;
    byId("ranker").value = name;
    await open(name, name === wanted.ranker || !wanted.ranker ? wanted.row : null);
  } catch (error) { fail(error); }
}

async function tell(text, done) {
  byId("copied").textContent = "";
  const said = await copy(text, () => { byId("request").textContent = text; byId("request").parentNode.open = true; });
  byId("copied").textContent = `${done}: ${said}`;
}

byId("ranker").addEventListener("change", (event) => open(event.target.value, null));
byId("label").addEventListener("change", (event) => {
  state.chosen = event.target.value;
  if (state.now) showScores(state.schema.labels, state.now, state.before, state.chosen);
  why();
});
byId("token").addEventListener("input", (event) => {
  setToken(event.target.value);
  later("token", WHY_AFTER, state.schema ? changed : start);
});
byId("reset").addEventListener("click", () => state.schema && writeRow(state.schema.example));
byId("share").addEventListener("click", () => tell(location.href, "Link"));
byId("curl").addEventListener("click", () => tell(curl(readRow()), "Command"));
byId("find").addEventListener("input", (event) => {
  const wanted = event.target.value.toLowerCase();
  state.controls.forEach((each) => { each.element.hidden = !each.name.toLowerCase().includes(wanted); });
});
byId("access").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", start);
start();

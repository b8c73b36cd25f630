// A control for each kind of field: what a person types, as the value of a row.

import { Digits } from "./asking.js";
import { isolated, make } from "./making.js";

const MOST_ENTRIES = 16;

const typesOf = (schema) => [].concat(schema.type || []);
const isWhole = (schema) => typesOf(schema).includes("integer");
const isNumber = (schema) => typesOf(schema).includes("number");
const isFlag = (schema) => typesOf(schema).includes("boolean");

// What was typed, or the text itself where it is no such value: the server says why.
export function fromText(text, schema) {
  if (isWhole(schema)) {
    const trimmed = text.trim();
    if (!/^-?\d+$/.test(trimmed)) return trimmed;
    const number = Number(trimmed);
    return Number.isSafeInteger(number) ? number : new Digits(trimmed.replace(/^(-?)0+(?=\d)/, "$1"));
  }
  if (isNumber(schema)) {
    const number = Number(text);
    return text.trim() !== "" && Number.isFinite(number) ? number : text;
  }
  if (isFlag(schema)) return text === "true" ? true : text === "false" ? false : text;
  return text;
}

const toText = (value) => (value == null ? "" : String(value));

function single(schema, options) {
  if (isFlag(schema)) {
    const select = make("select", {}, make("option", {}, "true"), make("option", {}, "false"));
    return select;
  }
  const input = make("input", { type: "text", autocomplete: "off", spellcheck: "false", dir: "auto" });
  if (isWhole(schema)) input.inputMode = "numeric";
  if (isNumber(schema)) { input.type = "number"; input.step = "any"; }
  if (options) input.setAttribute("list", options);
  return input;
}

function plain(told, options, changed) {
  const input = single(told.json_schema, options);
  input.addEventListener("input", changed);
  return {
    element: input,
    inputs: () => [input],
    read: () => fromText(input.value, told.json_schema),
    write: (value) => { input.value = toText(value); },
  };
}

function listed(told, options, changed) {
  const schema = told.json_schema.items || {};
  const list = make("ul", { class: "items" });
  const name = told.field;
  const add = make("button", { type: "button", "aria-label": `Add an item to ${name}` }, "Add an item");
  const items = () => [...list.querySelectorAll("input, select")];

  const number = () => items().forEach((input, place) => {
    input.setAttribute("aria-label", `${name}, item ${place + 1}`);
    input.nextSibling.setAttribute("aria-label", `Remove item ${place + 1} of ${name}`);
  });

  function append(value) {
    const input = single(schema, options);
    const remove = make("button", { type: "button" }, "×");
    const item = make("li", {}, input, remove);
    input.value = toText(value);
    // A null in a list stays one until somebody types something else.
    if (value === null) { input.dataset.null = "true"; input.placeholder = "null"; }
    input.addEventListener("input", () => { delete input.dataset.null; input.placeholder = ""; changed(); });
    remove.addEventListener("click", () => {
      const next = item.nextSibling?.querySelector("button") || add;
      item.remove(); number(); next.focus(); changed();
    });
    list.insertBefore(item, add.parentNode);
    return input;
  }

  list.append(make("li", {}, add));
  add.addEventListener("click", () => { const input = append(""); number(); input.focus(); changed(); });
  return {
    element: list,
    inputs: () => [...items(), ...list.querySelectorAll("button")],
    read: () => items().map((input) => (input.dataset.null ? null : fromText(input.value, schema))),
    write(value) {
      items().forEach((input) => input.parentNode.remove());
      (value || []).forEach(append);
      number();
    },
  };
}

function entries(told, changed) {
  const schema = told.json_schema.items || {};
  const inputs = [];
  const element = make("div", { class: "entries" });
  for (let place = 0; place < told.json_schema.minItems; place += 1) {
    const input = single(schema);
    input.setAttribute("aria-label", `${told.field}, entry ${place + 1}`);
    input.addEventListener("input", changed);
    inputs.push(input);
    element.append(input);
  }
  return {
    element,
    inputs: () => inputs,
    read: () => inputs.map((input) => (input.value === "" ? null : fromText(input.value, schema))),
    write: (value) => inputs.forEach((input, place) => { input.value = toText(value?.[place]); }),
  };
}

function longVector(told, changed) {
  const area = make("textarea", { spellcheck: "false" });
  area.addEventListener("input", changed);
  const one = (text) => (text === "null" ? null : fromText(text, { type: "number" }));
  return {
    element: area,
    inputs: () => [area],
    read: () => (area.value.trim() === "" ? [] : area.value.split(/[\s,]+/).filter(Boolean).map(one)),
    write: (value) => { area.value = (value || []).map((entry) => String(entry)).join(", "); },
  };
}

function editorOf(told, options, changed) {
  if (told.kind === "sequence") return listed(told, options, changed);
  if (told.kind !== "vector") return plain(told, options, changed);
  return told.json_schema.minItems > MOST_ENTRIES ? longVector(told, changed) : entries(told, changed);
}

// The fieldset of a field: value, null or left out, and what the server says of it.
export function control(told, place, changed) {
  const said = make("p", { class: "said", id: `said-${place}`, hidden: true });
  const words = new Set((told.kind === "vector" ? [] : told.examples || []).flat()
    .filter((value) => value != null && String(value).length < 200).map(String));
  const options = words.size && told.kind !== "numeric" ? `known-${place}` : null;
  const editor = editorOf(told, options, changed);
  const state = make("select", { class: "state", "aria-label": `${told.field}: value, null or left out` },
    make("option", { value: "value" }, "value"), make("option", { value: "null" }, "null"),
    make("option", { value: "out" }, "left out"));
  const hint = told.num_values == null ? told.kind : `${told.kind}, ${told.num_values.toLocaleString("en")} values`;
  const element = make("fieldset", { class: "field" },
    make("legend", {}, isolated(told.field), " ", make("span", { class: "soft" }, hint)),
    make("div", { class: "control" }, make("div", { class: "value" }, editor.element), state), said);
  if (options) element.append(make("datalist", { id: options }, ...[...words].map((word) => make("option", { value: word }))));
  const first = editor.inputs()[0];
  if (first && !first.hasAttribute("aria-label")) first.setAttribute("aria-label", told.field);

  const enable = () => editor.inputs().forEach((input) => { input.disabled = state.value !== "value"; });
  state.addEventListener("change", () => { enable(); changed(); });
  return {
    name: told.field,
    element,
    read: (row) => {
      if (state.value === "out") return;
      // Not by assignment: a field may be called __proto__.
      const value = state.value === "null" ? null : editor.read();
      Object.defineProperty(row, told.field, { value, enumerable: true, configurable: true, writable: true });
    },
    write(row) {
      const isThere = Object.hasOwn(row, told.field);
      const value = isThere ? row[told.field] : undefined;
      state.value = !isThere ? "out" : value === null ? "null" : "value";
      if (isThere && value !== null) editor.write(value);
      enable();
    },
    say(text, isWrong) {
      said.textContent = text;
      said.hidden = !text;
      said.classList.toggle("wrong", isWrong);
      for (const input of [...editor.inputs(), state]) {
        if (text) input.setAttribute("aria-describedby", said.id);
        else input.removeAttribute("aria-describedby");
        if (input.tagName === "BUTTON") continue;
        if (text && isWrong) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
    },
  };
}

// Makes elements. Whatever comes from rows or rankers becomes text, never markup.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// A name of any script, which must not turn the text around it.
export const isolated = (text) => make("bdi", { dir: "auto" }, text === "" ? "(empty)" : text);

export const byId = (name) => document.getElementById(name);

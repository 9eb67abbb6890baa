/**
 * Flags and choices of the parameter table in one line.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Parameter} Parameter
 * @typedef {import("./slider.js").Control} Control
 */

import { element, setText } from "./dom.js";

/**
 * A switch.
 * @param {Store} store @param {Parameter} row @returns {Control}
 */
export function makeFlag(store, row) {
  const input = element("input", {
    type: "checkbox",
    role: "switch",
    id: row.key,
    "aria-describedby": `${row.key}.help`,
  });
  const label = element("label", { for: row.key }, row.label);
  input.addEventListener("change", () => store.set({ [row.key]: input.checked }));
  return {
    node: element("div", { class: "control control-flag" }, label, input),
    update: () => {
      input.checked = store.get(row.key);
    },
    rename: (text) => setText(label, text),
  };
}

/**
 * A menu; a choice with one option is just said.
 * @param {Store} store @param {Parameter} row @returns {Control}
 */
export function makeChoice(store, row) {
  const choices = row.choices.map(({ value, label }) => /** @type {[string, string]} */ ([value, label]));
  return makeMenu(
    row,
    choices,
    () => store.get(row.key),
    (value) => store.set({ [row.key]: value }),
  );
}

/**
 * @param {Parameter} row
 * @param {[string, string][]} choices values with their labels
 * @param {() => import("./parameters.js").Value} read
 * @param {(value: string) => void} write
 * @returns {Control}
 */
export function makeMenu(row, choices, read, write) {
  const label = element("label", { for: row.key }, row.label);
  const select = element("select", {
    id: row.key,
    "aria-describedby": `${row.key}.help`,
    disabled: choices.length < 2,
  });
  select.append(...choices.map(([value, text]) => element("option", { value }, text)));
  select.addEventListener("change", () => write(select.value));
  return {
    node: element("div", { class: "control control-choice" }, label, select),
    update: () => {
      select.value = String(read());
    },
    rename: (text) => setText(label, text),
  };
}

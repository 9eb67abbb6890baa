/**
 * Controls made from the parameter table: the way of a value is control -> store -> everything else.
 *
 * @typedef {import("./protocol.js").Parameter} Parameter
 * @typedef {import("./slider.js").Control} Control
 */

import { element } from "./dom.js";
import { makeChoice, makeFlag } from "./fields.js";
import { format, isNumeric } from "./parameters.js";
import { makeRange } from "./range-slider.js";
import { makeSlider } from "./slider.js";
import { explain } from "./tooltip.js";

const MAKERS = { flag: makeFlag, choice: makeChoice, range: makeRange };

export class Controls {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Map<string, Control & {row: Parameter, label: string}>} */
    this.made = new Map();
    store.subscribe((changed) => {
      for (const key of changed) this.update(key);
    });
  }

  /**
   * The line of one parameter, with its help, its mark when changed, and reset by double click or Delete.
   * @param {string} key
   * @param {(store: import("./store.js").Store, row: Parameter) => Control} [maker]
   * @returns {HTMLElement}
   */
  make(key, maker) {
    const row = this.store.row(key);
    const make = maker ?? (isNumeric(row) ? makeSlider : MAKERS[row.kind]);
    const control = { ...make(this.store, row), row, label: row.label };
    this.made.set(key, control);
    control.node.dataset.key = key;
    control.node.append(element("span", { id: `${key}.help`, hidden: true }, row.help));
    control.rename(row.label);
    this.bindReset(control);
    explain(control.node, () => describe(control));
    this.update(key);
    return control.node;
  }

  bindReset({ node, row }) {
    const reset = () => this.store.reset([row.key]);
    node.addEventListener("dblclick", (event) => {
      if (!event.target.matches("input[type=number], input[type=text], select, input[type=checkbox], textarea"))
        reset();
    });
    node.addEventListener("keydown", (event) => {
      if (event.key === "Delete" && event.target.matches("input[type=range], select, input[type=checkbox]"))
        reset();
    });
  }

  /** @param {string} key */
  update(key) {
    const control = this.made.get(key);
    if (!control) return;
    control.update();
    control.node.toggleAttribute("data-changed", !this.store.isDefault(key));
  }

  /** @param {string} key @param {string} label */
  rename(key, label) {
    const control = this.made.get(key);
    if (!control) return;
    control.label = label;
    control.rename(label);
  }
}

/**
 * The tooltip of a control: what it does, its range and default, its key.
 * @param {Control & {row: Parameter, label: string}} control
 */
function describe({ row, label, facts: more }) {
  const unit = row.unit && row.unit !== "log10" ? ` ${row.unit}` : "";
  const range = more ? `${more()}, ` : isNumeric(row) ? `${row.min} to ${row.max}${unit}, ` : "";
  const facts = element(
    "p",
    { class: "tooltip-facts" },
    `${range}default ${format(row, row.default)} · `,
    element("code", {}, row.key),
  );
  const heading = element("strong", {}, label);
  return [heading, row.help, facts];
}

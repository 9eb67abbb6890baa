/**
 * One number of the parameter table in one line: label, slider, typed value, unit.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Parameter} Parameter
 * @typedef {{node: HTMLElement, update: () => void, rename: (label: string) => void, facts?: () => string}} Control
 *   `facts`: what the tooltip says besides the table's help
 */

import { element, setText } from "./dom.js";
import { decimals, format, intoRange, parse } from "./parameters.js";

/**
 * @param {Store} store
 * @param {Parameter} row
 * @returns {Control}
 */
export function makeSlider(store, row) {
  const label = element("label", { for: row.key }, row.label);
  const shared = { min: row.min, max: row.max, step: row.step, "aria-describedby": `${row.key}.help` };
  const range = element("input", { type: "range", id: row.key, ...shared });
  const number = element("input", { type: "number", id: `${row.key}.value`, ...shared });
  const unit = element("span", { class: "unit" }, row.unit === "log10" ? "" : row.unit);
  const take = (/** @type {number} */ value) => store.set({ [row.key]: intoRange(row, value) });

  range.addEventListener("input", () => take(range.valueAsNumber));
  range.addEventListener("keydown", (event) => sliderKey(event, row, store.get(row.key), take));
  bindTypedValue(store, row, number, take);

  return {
    node: element("div", { class: "control" }, label, range, number, unit),
    update: () => {
      const value = store.get(row.key);
      range.value = String(value);
      range.setAttribute("aria-valuetext", `${format(row, value)} ${row.unit}`.trim());
      if (document.activeElement !== number || !number.dataset.typing) number.value = format(row, value);
      drawTrack(range, row, value);
    },
    rename: (text) => {
      setText(label, text);
      number.setAttribute("aria-label", `${text}, typed value${row.unit ? ` in ${row.unit}` : ""}`);
    },
  };
}

/** The track is filled from the default to the value: how far this perturbation goes, and which way. */
function drawTrack(range, row, value) {
  const share = (number) => (number - row.min) / (row.max - row.min);
  const [from, to] = [share(row.default), share(value)].sort((a, b) => a - b);
  range.style.setProperty("--from", from.toFixed(4));
  range.style.setProperty("--to", to.toFixed(4));
  range.style.setProperty("--default", share(row.default).toFixed(4));
}

/** Finer typed values keep their digits under the arrow keys, and angles turn past the end. */
function sliderKey(event, row, value, take) {
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[
    event.key
  ];
  if (steps === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const step = Math.max(row.step, (row.max - row.min) / 200);
  const fine = event.shiftKey ? row.step : Number((Math.round(step / row.step) * row.step).toFixed(4));
  take(Number((value + steps * fine).toFixed(Math.max(4, decimals(row)))));
}

/** A typed value counts on Enter and on leaving the field; while typing, whatever already fits is shown. */
function bindTypedValue(store, row, number, take) {
  const settle = () => {
    if (!number.dataset.typing) return;
    delete number.dataset.typing;
    if (Number.isFinite(number.valueAsNumber)) take(number.valueAsNumber);
    number.value = format(row, store.get(row.key));
  };
  number.addEventListener("input", () => {
    number.dataset.typing = "yes";
    try {
      store.set({ [row.key]: parse(row, number.value) });
    } catch {
      // Half-typed: "-", "1e". It is settled, or given up, on leaving the field.
    }
  });
  number.addEventListener("change", settle);
  number.addEventListener("blur", settle);
  number.addEventListener("keydown", (event) => {
    if (event.key === "Enter") settle();
    if (event.key === "Escape") {
      delete number.dataset.typing;
      number.value = format(row, store.get(row.key));
    }
  });
}

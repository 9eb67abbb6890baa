/**
 * A range of the parameter table in one line: label, two handles on one track, what the network keeps of it.
 * Two native range inputs lie over each other, so that each handle has its own focus, keys and name.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Parameter} Parameter
 * @typedef {import("./slider.js").Control} Control
 */

import { element, setText } from "./dom.js";
import { parseRange } from "./parameters.js";

/**
 * @param {Store} store
 * @param {Parameter} row
 * @returns {Control}
 */
export function makeRange(store, row) {
  const label = element("label", { for: row.key }, row.label);
  const ends = [row.key, `${row.key}.upper`].map((id) =>
    element("input", {
      type: "range",
      id,
      min: row.min,
      max: row.max,
      step: row.step,
      "aria-describedby": `${row.key}.help`,
    }),
  );
  const track = element("div", { class: "range-slider" }, ...ends);
  // A handle stops at the other one.
  const take = (/** @type {number} */ moved) => {
    const values = parseRange(row, store.get(row.key));
    const wanted = ends[moved].valueAsNumber;
    values[moved] = moved ? Math.max(wanted, values[0]) : Math.min(wanted, values[1]);
    store.set({ [row.key]: values.join(",") });
    update();
  };
  ends.forEach((end, index) => end.addEventListener("input", () => take(index)));

  const update = () => {
    const values = parseRange(row, store.get(row.key));
    ends.forEach((end, index) => {
      end.value = String(values[index]);
    });
    track.style.setProperty("--lower", values[0].toFixed(4));
    track.style.setProperty("--upper", values[1].toFixed(4));
    // Both at the right end: the lower handle must be on top, it is the one that can move.
    track.toggleAttribute("data-high", values[0] > 0.5);
  };
  return {
    node: element("div", { class: "control control-range" }, label, track),
    update,
    rename: (text) => {
      setText(label, text);
      ends.forEach((end, index) =>
        end.setAttribute("aria-label", `${text}, ${index ? "upper" : "lower"} end`),
      );
    },
    facts: () => store.get(row.key).replace(",", " to "),
  };
}

/**
 * Which units are shown: typed as `222, 308` or `mixed4a:222, 308`, or stepped through page by page.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Layer} Layer
 */

import { element, icon, setText } from "./dom.js";
import { parseUnitEntry } from "./parameters.js";

const KEY = "view.units";

/**
 * The units as many as there are now, `pages` pages further; after the last page comes the first.
 * @param {string} units such as `0,1,2,3`
 * @param {number} channels
 * @param {number} pages
 */
export function stepUnits(units, channels, pages) {
  const current = units.split(",").map(Number);
  const first = Math.min(...current) + pages * current.length;
  return current.map((_, index) => (((first + index) % channels) + channels) % channels).join(",");
}

/**
 * A maker for `Controls.make`.
 * @param {Layer[]} layers
 * @returns {(store: Store, row: import("./protocol.js").Parameter) => import("./slider.js").Control}
 */
export function unitsMaker(layers) {
  return (store, row) => {
    const label = element("label", { for: KEY }, row.label);
    const input = element("input", {
      type: "text",
      id: KEY,
      spellcheck: "false",
      autocomplete: "off",
      inputmode: "text",
      "aria-describedby": `${KEY}.help ${KEY}.error`,
    });
    const error = element("span", { id: `${KEY}.error`, class: "field-error", role: "alert" });
    const channels = () => layers.find(({ name }) => name === store.get("view.layer")).channels;
    const stepper = (name, text, pages) => {
      const button = element(
        "button",
        { type: "button", class: "icon-button", "aria-label": text, title: text },
        icon(name),
      );
      button.addEventListener("click", () =>
        store.set({ [KEY]: stepUnits(store.get(KEY), channels(), pages) }),
      );
      return button;
    };
    const shown = () => store.get(KEY).replaceAll(",", ", ");
    const settle = () => {
      try {
        const { layer, units } = parseUnitEntry(row, input.value, layers, store.get("view.layer"));
        store.set({ "view.layer": layer, [KEY]: units });
        refuse("");
        input.value = shown();
      } catch (problem) {
        refuse(problem.message);
      }
    };
    const refuse = (/** @type {string} */ message) => {
      setText(error, message && `${row.label}: ${message}`);
      input.toggleAttribute("aria-invalid", message !== "");
      if (message) input.setAttribute("aria-invalid", "true");
    };
    input.addEventListener("change", settle);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") settle();
      if (event.key === "Escape") {
        input.value = shown();
        refuse("");
      }
    });
    return {
      node: element(
        "div",
        { class: "control control-units" },
        label,
        stepper("previous", "Previous units", -1),
        input,
        stepper("next", "Next units", 1),
        error,
      ),
      update: () => {
        input.value = shown();
        refuse("");
      },
      rename: (text) => setText(label, text),
    };
  };
}

/**
 * Which units are shown: typed as `222, 308` or `mixed4a:222, 308`, or stepped through page by page.
 *
 * @typedef {import("./store.js").Store} Store
 */

import { element, icon, setText } from "./dom.js";
import { parseUnitEntry } from "./parameters.js";
import { OWN, stepUnits } from "./selection.js";

const KEY = "view.units";

/**
 * A maker for `Controls.make`.
 * @param {import("./architectures.js").Architectures} architectures
 * @param {import("./protocol.js").Group[]} groups
 * @returns {(store: Store, row: import("./protocol.js").Parameter) => import("./slider.js").Control}
 */
export function unitsMaker(architectures, groups) {
  return (store, row) => {
    const entry = new UnitsEntry(store, row, architectures, groups);
    return {
      node: entry.node,
      update: () => entry.restore(),
      rename: (text) => setText(entry.label, text),
    };
  };
}

class UnitsEntry {
  constructor(store, row, architectures, groups) {
    this.store = store;
    this.row = row;
    this.architectures = architectures;
    this.get = (/** @type {string} */ key) => store.get(key);
    this.groups = groups;
    const described = { "aria-describedby": `${KEY}.help ${KEY}.error` };
    this.input = element("input", {
      type: "text",
      id: KEY,
      spellcheck: "false",
      autocomplete: "off",
      ...described,
    });
    this.label = element("label", { for: KEY }, row.label);
    this.error = element("span", { id: `${KEY}.error`, class: "field-error", role: "alert" });
    const [previous, next] = [
      this.stepper("previous", "Previous units", -1),
      this.stepper("next", "Next units", 1),
    ];
    this.node = element(
      "div",
      { class: "control control-units" },
      this.label,
      previous,
      this.input,
      next,
      this.error,
    );
    this.input.addEventListener("change", () => this.settle());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.settle();
      if (event.key === "Escape") this.restore();
    });
  }

  stepper(name, text, pages) {
    const button = element(
      "button",
      { type: "button", class: "icon-button", "aria-label": text, title: text },
      icon(name),
    );
    button.addEventListener("click", () => this.step(pages));
    return button;
  }

  /** Through the chosen group, or through the layer. @param {number} pages */
  step(pages) {
    const channels = this.architectures.channels(this.get, this.store.get("view.layer"));
    const group = this.groups.find(({ name }) => name === this.store.get("view.group"));
    const units = this.store.get(KEY).split(",").map(Number);
    this.store.set({ [KEY]: stepUnits(units, this.store.get("view.count"), channels, group, pages) });
  }

  /** Takes what is typed; what doesn't fit stays in the field, with what was expected. */
  settle() {
    try {
      const { layer, units } = parseUnitEntry(
        this.row,
        this.input.value,
        this.architectures.layers(this.get),
        this.store.get("view.layer"),
      );
      this.store.set({ "view.group": OWN, "view.layer": layer, [KEY]: units });
      this.restore();
    } catch (problem) {
      this.complain(`${this.row.label}: ${problem.message}`);
    }
  }

  /** Back to the units that are shown. */
  restore() {
    this.input.value = this.store.get(KEY).replaceAll(",", ", ");
    this.complain("");
  }

  complain(message) {
    setText(this.error, message);
    this.input.setAttribute("aria-invalid", String(message !== ""));
  }
}

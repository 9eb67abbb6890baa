/**
 * The feature visualization in the scene: a switch, and a field for its unit such as `mixed4a:222`.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Layer} Layer
 */

import { element, setText } from "./dom.js";
import { check } from "./parameters.js";

/**
 * A maker for `Controls.make`.
 * @param {Layer[]} layers
 * @returns {(store: Store, row: import("./protocol.js").Parameter) => import("./slider.js").Control}
 */
export function featvisMaker(layers) {
  return (store, row) => {
    const entry = new FeatvisEntry(store, row, layers);
    return { node: entry.node, update: () => entry.update(), rename: (text) => setText(entry.label, text) };
  };
}

class FeatvisEntry {
  constructor(store, row, layers) {
    this.store = store;
    this.row = row;
    this.layers = layers;
    const described = { "aria-describedby": `${row.key}.help ${row.key}.error` };
    this.label = element("label", { for: `${row.key}.shown` }, row.label);
    this.input = element("input", {
      type: "text",
      id: row.key,
      "aria-label": "Unit of the feature visualization",
      placeholder: "layer:unit",
      spellcheck: "false",
      autocomplete: "off",
      maxlength: 40,
      ...described,
    });
    this.shown = element("input", { type: "checkbox", role: "switch", id: `${row.key}.shown`, ...described });
    this.error = element("span", { id: `${row.key}.error`, class: "field-error", role: "alert" });
    this.node = element(
      "div",
      { class: "control control-featvis" },
      this.label,
      this.input,
      this.shown,
      this.error,
    );
    this.shown.addEventListener("change", () => (this.shown.checked ? this.show() : this.hide()));
    this.input.addEventListener("change", () => this.show());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.show();
      if (event.key === "Escape") this.update();
    });
  }

  /** Shows what is typed; with nothing typed, the first of the units that the page shows. */
  show() {
    const first = `${this.store.get("view.layer")}:${this.store.get("view.units").split(",")[0]}`;
    try {
      this.store.set({ [this.row.key]: this.check(this.input.value.trim() || first) });
      this.update();
    } catch (problem) {
      this.shown.checked = this.store.get(this.row.key) !== "";
      this.complain(`${this.row.label}: ${problem.message}`);
    }
  }

  /** What is typed stays, for the next time. */
  hide() {
    this.complain("");
    this.store.set({ [this.row.key]: "" });
  }

  check(text) {
    const value = String(check(this.row, text));
    const [name, unit] = value.split(":");
    const layer = this.layers.find((candidate) => candidate.name === name);
    if (!layer) throw new Error(`expected a layer from ${this.layers[0].name} to ${this.layers.at(-1).name}`);
    if (Number(unit) >= layer.channels) throw new Error(`expected a unit below ${layer.channels} of ${name}`);
    return value;
  }

  update() {
    const value = this.store.get(this.row.key);
    if (value) this.input.value = value;
    this.shown.checked = value !== "";
    this.complain("");
  }

  complain(message) {
    setText(this.error, message);
    this.input.setAttribute("aria-invalid", String(message !== ""));
  }
}

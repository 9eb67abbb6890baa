/**
 * All units of the shown layer in a grid that follows the picture; a click puts a unit among the shown ones or takes
 * it away.
 *
 * @typedef {import("../store.js").Store} Store
 * @typedef {import("../protocol.js").LayerMaps} LayerMaps
 */

import { element, icon, setText } from "../dom.js";
import { OWN } from "../selection.js";
import { currentTheme, onThemeChange } from "../theme.js";
import { STEPS, makeColours } from "./diverging.js";
import { GridWindow } from "./grid-window.js";
import { MapPainter, UnitCell } from "./unit-cell.js";
import { ORDERS, compared, rank } from "./unit-order.js";

/** Between two questions for the layer: the grid may lag behind the frames, never the frames behind the grid. */
const INTERVAL_MS = 200;
const PATIENCE_MS = 4000;

export class UnitGrid {
  /**
   * @param {Store} store
   * @param {{slot: string, title: string}[]} slots
   * @param {() => void} ask asks the server for the layer
   */
  constructor(store, slots, ask) {
    Object.assign(this, { store, slots, ask, kind: "number", slot: slots[0].slot, asked: -Infinity });
    /** @type {LayerMaps | undefined} */
    this.layer = undefined;
    this.window = new GridWindow(
      () => new UnitCell((unit) => this.press(unit)),
      (cell, place) => this.bind(/** @type {UnitCell} */ (cell), place),
      (place) => this.picture(place),
    );
    this.painter = new MapPainter();
    this.toggle = element(
      "button",
      { type: "button", class: "line-button", "aria-expanded": "false", "aria-controls": "unit-grid" },
      icon("grid"),
      "All Units",
    );
    this.toggle.addEventListener("click", () => this.setOpen(this.node.hidden));
    this.node = element(
      "section",
      { id: "unit-grid", hidden: true, "aria-label": "All units of the layer" },
      this.makeHead(),
      this.window.node,
    );
    this.recolour();
    onThemeChange(() => {
      this.recolour();
      this.window.refresh();
    });
    store.subscribe((changed) => {
      if (changed.has("view.units") || changed.has("view.layer")) this.window.refresh();
      if (changed.has("view.layer") || [...changed].some((key) => key.endsWith(".enabled"))) this.follow();
    });
  }

  makeHead() {
    this.title = element("h3", { class: "grid-title" });
    this.tabs = this.slots.map(({ slot, title }) => this.makeTab(slot, title));
    this.sort = element("select", { id: "unit-grid-sort", "aria-label": "Sort by" });
    this.sort.append(...Object.entries(ORDERS).map(([value, text]) => element("option", { value }, text)));
    this.sort.addEventListener("change", () => {
      this.kind = this.sort.value;
      this.reorder();
      this.window.node.scrollTop = 0;
    });
    this.again = element("button", { type: "button", class: "line-button", hidden: true }, "Sort again");
    this.again.addEventListener("click", () => this.reorder());
    const close = element(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Close the grid" },
      icon("close"),
    );
    close.addEventListener("click", () => {
      this.setOpen(false);
      this.toggle.focus();
    });
    this.note = element("span", { class: "grid-note", role: "status" });
    return element(
      "header",
      { class: "grid-head" },
      element("div", { class: "grid-tabs", role: "radiogroup", "aria-label": "Model" }, ...this.tabs),
      this.title,
      this.note,
      element("label", { class: "grid-sort" }, "Sort by", this.sort),
      this.again,
      close,
    );
  }

  makeTab(slot, title) {
    const input = element("input", { type: "radio", name: "unit-grid-model", value: slot });
    input.addEventListener("change", () => {
      this.slot = slot;
      this.reorder();
    });
    return element("label", { class: `grid-tab ${slot}` }, input, element("span", {}, title));
  }

  /** @param {boolean} open */
  setOpen(open) {
    this.node.hidden = !open;
    this.node.parentElement.toggleAttribute("data-grid", open);
    this.toggle.setAttribute("aria-expanded", String(open));
    this.follow();
  }

  /** Asks for the layer if the grid is open: at once, or when it is time. */
  follow() {
    if (this.node.hidden || this.timer) return;
    const since = performance.now() - this.asked;
    const wait = this.answered ? INTERVAL_MS - since : PATIENCE_MS - since;
    this.timer = window.setTimeout(
      () => {
        this.timer = 0;
        this.asked = performance.now();
        this.answered = false;
        this.ask();
      },
      Math.max(0, wait),
    );
  }

  /** @param {LayerMaps} layer */
  draw(layer) {
    this.answered = true;
    if (layer.layer !== this.store.get("view.layer")) {
      this.follow();
      return;
    }
    const other = this.layer?.layer !== layer.layer;
    const fewer = !(this.slot in layer.models);
    this.layer = layer;
    if (fewer) this.slot = Object.keys(layer.models)[0] ?? this.slot;
    this.sort.querySelector("[value=difference]").disabled = !compared(layer);
    if (this.kind === "difference" && !compared(layer)) this.kind = this.sort.value = "number";
    this.tabs.forEach((tab, index) => this.showTab(tab, this.slots[index].slot));
    if (other) this.window.node.scrollTop = 0;
    if (other || fewer || !this.ranking) this.reorder();
    else this.update();
  }

  showTab(tab, slot) {
    tab.hidden = !(slot in this.layer.models);
    tab.firstChild.checked = slot === this.slot;
  }

  /** The order stays while the picture changes: cells that jump can't be read. */
  update() {
    const fresh = rank(this.kind, this.layer, this.slot);
    this.ranking = { ...fresh, order: this.ranking.order };
    this.again.hidden = fresh.order.every((unit, place) => unit === this.ranking.order[place]);
    this.window.refresh();
  }

  reorder() {
    if (!this.layer || !(this.slot in this.layer.models)) {
      this.window.setCount(0);
      return;
    }
    this.ranking = rank(this.kind, this.layer, this.slot);
    this.again.hidden = true;
    this.window.setCount(this.ranking.order.length);
    this.window.refresh();
    setText(this.title, `${this.layer.layer}, ${this.ranking.order.length.toLocaleString("en")} units`);
  }

  /** @param {UnitCell} cell @param {number} place */
  bind(cell, place) {
    const unit = this.ranking.order[place];
    const value = this.ranking.values ? this.ranking.write(this.ranking.values[unit]) : "";
    const inLayer = this.layer.layer === this.store.get("view.layer");
    cell.label(unit, value, inLayer && this.shown().includes(unit));
  }

  /** @param {number} place */
  picture(place) {
    const { data, shape } = this.layer.buffers[`${this.slot}.maps`];
    return this.painter.draw(/** @type {Uint8Array} */ (data), shape, this.ranking.order[place], this.colours);
  }

  /** @returns {number[]} */
  shown() {
    return this.store.get("view.units").split(",").map(Number);
  }

  /** @param {number} unit */
  press(unit) {
    const units = this.shown();
    const most = this.store.row("view.units").max_units;
    const taken = units.includes(unit);
    const full = !taken && units.length === most;
    const last = taken && units.length === 1;
    setText(this.note, full ? `${most} units at most: take one away first` : last ? "One unit stays" : "");
    if (full || last) return;
    const next = taken ? units.filter((other) => other !== unit) : [...units, unit];
    this.store.set({ "view.group": OWN, "view.units": next.join(",") });
  }

  recolour() {
    const colours = makeColours(currentTheme());
    this.colours = Uint32Array.from(
      { length: 255 },
      (_, level) => colours[Math.round(((level - 127) / 127) * STEPS) + STEPS],
    );
  }
}

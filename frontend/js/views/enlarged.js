/**
 * One activation map, large: the value under the cursor, where it stands among the map's values, and what of the input
 * picture it comes from. It keeps following the frames.
 */

import { byId, element, icon, setText } from "../dom.js";
import { Histogram } from "./histogram.js";
import { fixed } from "./numbers.js";
import { FieldView, fieldOf } from "./receptive-field.js";
import { Tile } from "./tile.js";

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Facts about the networks that a map doesn't carry. @type {import("../protocol.js").Welcome} */
let known;

/** @type {Enlarged | undefined} */
let open;

/** @param {import("../protocol.js").Welcome} welcome */
export function describeNetworks(welcome) {
  known = welcome;
}

/**
 * @param {import("./activations.js").ActivationRow} row
 * @param {Tile} source
 */
export function openEnlarged(row, source) {
  open = new Enlarged(row, source);
  refreshEnlarged();
}

/** Draws the enlarged map anew, if one is open. */
export function refreshEnlarged() {
  open?.refresh();
}

class Enlarged {
  constructor(row, source) {
    Object.assign(this, { row, index: row.tiles.indexOf(source), dialog: byId("enlarged") });
    this.tile = new Tile(() => {});
    this.tile.node.setAttribute("aria-label", "Map: arrow keys walk through its positions");
    this.tile.node.addEventListener("keydown", (event) => this.walk(event));
    this.tile.onRead = (place) => this.point(place);
    this.field = new FieldView(byId("picture"));
    this.histogram = new Histogram();
    this.unit = element("span", { class: "enlarged-unit" });
    this.statistics = element("dl", { class: "statistics" });
    const chip = element("span", { class: "chip" }, row.title);
    const close = element(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Close" },
      icon("close"),
    );
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.className = row.slot;
    this.dialog.replaceChildren(
      element("header", {}, element("h2", { id: "enlarged-title" }, chip, this.unit), close),
      element("div", { class: "enlarged-pair" }, this.tile.node, this.field.node),
      this.histogram.node,
      this.statistics,
    );
    this.dialog.onclose = () => {
      open = undefined;
      source.node.focus();
    };
    this.dialog.onclick = (event) => {
      if (event.target === this.dialog) this.dialog.close();
    };
    this.dialog.showModal();
    this.tile.node.focus({ focusVisible: false });
  }

  refresh() {
    this.map = this.row.tiles[this.index]?.map;
    if (!this.map) {
      this.dialog.close();
      return;
    }
    setText(this.unit, `${this.map.layer}:${this.map.unit}`);
    this.tile.draw(this.map, this.row.colours); // reads, and so points
    writeStatistics(this.statistics, this.map, this.values());
  }

  values() {
    const { values, start, width, height } = this.map;
    return values.subarray(start, start + width * height);
  }

  /** @param {{x: number, y: number, value: number} | undefined} place */
  point(place) {
    const { layer, unit, divisor } = this.map;
    const model = known.models.find(({ variant }) => variant === this.row.variant) ?? known.models[0];
    const { layers } = known.architectures.find(({ name }) => name === model.architecture);
    const own = layers.find(({ name }) => name === layer);
    this.field.draw(fieldOf(own, unit), model.input_size, place);
    this.histogram.draw(this.values(), divisor, this.row.colours, place?.value);
  }

  /** Moves the cursor by whole positions. @param {KeyboardEvent} event */
  walk(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const size = [this.map.width, this.map.height];
    const from = this.tile.cursor ?? [0.5, 0.5];
    this.tile.cursor = /** @type {[number, number]} */ (
      from.map((share, axis) => {
        const place = Math.floor(share * size[axis]) + step[axis];
        return (Math.min(size[axis] - 1, Math.max(0, place)) + 0.5) / size[axis];
      })
    );
    this.tile.read();
  }
}

function writeStatistics(list, { width, height, divisor }, own) {
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length);
  const least = own.reduce((a, b) => Math.min(a, b));
  const most = own.reduce((a, b) => Math.max(a, b));
  const rows = [
    ["Size", `${width} × ${height}`],
    ["Minimum", fixed(least, 2)],
    ["Maximum", fixed(most, 2)],
    ["Mean", fixed(mean, 2)],
    ["Deviation", fixed(deviation, 2)],
    ["Divisor", fixed(divisor, 2)],
  ];
  if (!list.children.length) {
    list.append(...rows.map(([name]) => element("div", {}, element("dt", {}, name), element("dd", {}))));
  }
  rows.forEach(([, text], index) => setText(list.children[index].lastChild, text));
}

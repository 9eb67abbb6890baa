/**
 * The neurons column: per enabled model one row of activation maps, framed in the model's colour.
 *
 * @typedef {import("../protocol.js").Frame} Frame
 * @typedef {import("./tile.js").MapOfUnit} MapOfUnit
 */

import { element, setText } from "../dom.js";
import { currentTheme, onThemeChange } from "../theme.js";
import { STEPS, makeColours } from "./diverging.js";
import { openEnlarged } from "./enlarged.js";
import { short } from "./numbers.js";
import { Tile } from "./tile.js";

export class ActivationRow {
  /**
   * @param {string} slot such as `model1`
   * @param {string} title such as `Model 1`
   * @param {HTMLElement[]} controls the slot's lines of the parameter table, the switch last
   */
  constructor(slot, title, controls) {
    this.slot = slot;
    this.title = title;
    /** @type {Tile[]} */
    this.tiles = [];
    this.colours = makeColours(currentTheme());
    this.grid = element("div", { class: "tiles" });
    this.low = element("span", { class: "legend-end" });
    this.high = element("span", { class: "legend-end" });
    this.scale = element("canvas", { class: "legend-scale", width: 2 * STEPS + 1, height: 1 });
    this.meaning = element("span", { class: "legend-meaning" });
    this.legend = element(
      "div",
      { class: "legend", hidden: true, role: "img" },
      this.meaning,
      this.low,
      this.scale,
      this.high,
    );
    const header = element(
      "header",
      { class: "model-header" },
      element("h3", { class: "chip" }, title),
      element("div", { class: "model-lines" }, ...controls.slice(0, -1)),
      this.legend,
      ...controls.slice(-1),
    );
    this.node = element(
      "article",
      { class: `model ${slot}`, "aria-label": `${title}: activation maps` },
      header,
      this.grid,
    );
    this.drawScale();
    onThemeChange(() => this.recolour());
  }

  /** @param {Frame} frame @param {string} meaning what the divisor is: `4 σ` of the layer, or a power of ten */
  draw(frame, meaning) {
    const model = frame.models[this.slot];
    const buffer = frame.buffers[`${this.slot}.activations`];
    this.node.toggleAttribute("data-empty", !buffer);
    this.legend.hidden = !buffer;
    if (!buffer) {
      this.setCount(0);
      return;
    }
    const [count, height, width] = buffer.shape;
    this.variant = model.variant;
    const divisor = model.divisor > 0 ? model.divisor : 1;
    this.setCount(count);
    for (let i = 0; i < count; i += 1) {
      const values = /** @type {Float32Array} */ (buffer.data);
      this.tiles[i].draw(
        {
          layer: model.layer,
          unit: model.units[i],
          values,
          start: i * height * width,
          height,
          width,
          divisor,
        },
        this.colours,
      );
    }
    setText(this.low, short(-divisor));
    setText(this.high, `+${short(divisor)}`);
    setText(this.meaning, meaning);
    this.legend.title =
      meaning === "4 σ"
        ? "Values are divided by four standard deviations of the whole layer"
        : `Values are divided by ${meaning}`;
    this.legend.setAttribute(
      "aria-label",
      `Blue at ${short(-divisor)}, neutral at 0, red at ${short(divisor)}. ${this.legend.title}.`,
    );
  }

  /** Empty frames hold the place of the maps until the first frame. @param {number} count */
  setCount(count) {
    if (this.tiles.length === count) return;
    while (this.tiles.length < count) this.tiles.push(new Tile((tile) => openEnlarged(this, tile)));
    this.tiles.length = count;
    this.grid.replaceChildren(...this.tiles.map((tile) => tile.node));
    this.grid.style.setProperty("--units", String(Math.max(1, count)));
    this.grid.style.setProperty("--units-narrow", String(Math.max(1, Math.min(4, count))));
  }

  recolour() {
    this.colours = makeColours(currentTheme());
    this.drawScale();
    for (const tile of this.tiles) if (tile.map) tile.draw(tile.map, this.colours);
  }

  drawScale() {
    const context = this.scale.getContext("2d", { alpha: false });
    const image = context.createImageData(this.colours.length, 1);
    new Uint32Array(image.data.buffer).set(this.colours);
    context.putImageData(image, 0, 0);
  }
}

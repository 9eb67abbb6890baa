/** One unit of the grid, over its picture: its number, and the value it is sorted by. */

import { element, setText } from "../dom.js";

export class UnitCell {
  /** @param {(unit: number) => void} onPress */
  constructor(onPress) {
    this.name = element("span", { class: "unit-number" });
    this.value = element("span", { class: "unit-value" });
    this.node = element("button", { type: "button", class: "unit-cell" }, this.name, this.value);
    this.unit = -1;
    this.node.addEventListener("click", () => onPress(this.unit));
  }

  /**
   * @param {number} unit
   * @param {string} value
   * @param {boolean} shown whether it is among the shown units
   */
  label(unit, value, shown) {
    this.unit = unit;
    setText(this.name, String(unit));
    setText(this.value, value);
    const text = `Unit ${unit}${value && `, ${value}`}`;
    if (this.node.ariaLabel !== text) this.node.ariaLabel = text;
    if (this.node.ariaPressed !== String(shown)) this.node.ariaPressed = String(shown);
  }
}

/** Draws one unit's map at its own size, for `drawImage` to enlarge. */
export class MapPainter {
  constructor() {
    this.canvas = element("canvas", { width: 1, height: 1 });
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  /**
   * @param {Uint8Array} maps of all units
   * @param {number[]} shape units, height, width
   * @param {number} unit
   * @param {Uint32Array} colours of the 255 levels
   * @returns {HTMLCanvasElement} the same one each time
   */
  draw(maps, [, height, width], unit, colours) {
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const start = unit * height * width;
    for (let i = 0; i < this.pixels.length; i += 1) this.pixels[i] = colours[maps[start + i]];
    this.context.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}

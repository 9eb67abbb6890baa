/** One unit of the grid: its small map, its number, and the value it is sorted by. */

import { element, setText } from "../dom.js";

export class UnitCell {
  /** @param {(unit: number) => void} onPress */
  constructor(onPress) {
    this.canvas = element("canvas", { width: 1, height: 1 });
    this.name = element("span", { class: "unit-number" });
    this.value = element("span", { class: "unit-value" });
    this.node = element("button", { type: "button", class: "unit-cell" }, this.canvas, this.name, this.value);
    this.context = this.canvas.getContext("2d");
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
    this.node.setAttribute("aria-pressed", String(shown));
    this.node.setAttribute("aria-label", `Unit ${unit}${value && `, ${value}`}`);
  }

  /**
   * @param {Uint8Array} maps of all units
   * @param {number[]} shape units, height, width
   * @param {Uint32Array} colours of the 255 levels
   */
  draw(maps, [, height, width], colours) {
    if (this.canvas.width !== width || this.canvas.height !== height || !this.image) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const start = this.unit * height * width;
    for (let i = 0; i < this.pixels.length; i += 1) this.pixels[i] = colours[maps[start + i]];
    this.context.putImageData(this.image, 0, 0);
  }
}

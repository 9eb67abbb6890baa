/** One activation map: its canvas, its range, and the value under the cursor. */

import { element, setText } from "../dom.js";
import { colourMap } from "./diverging.js";
import { fixed, short } from "./numbers.js";

/**
 * @typedef {{layer: string, unit: number, values: Float32Array, start: number, height: number, width: number,
 *   divisor: number}} MapOfUnit a unit's map inside the frame's buffer
 */

export class Tile {
  /** @param {(tile: Tile) => void} onEnlarge */
  constructor(onEnlarge) {
    this.canvas = element("canvas", { width: 1, height: 1 });
    this.name = element("span", { class: "tile-name" });
    this.readout = element("span", { class: "tile-readout" });
    this.node = element("button", { type: "button", class: "tile" }, this.canvas, this.name, this.readout);
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(1, 1);
    this.pixels = new Uint32Array(this.image.data.buffer);
    /** @type {MapOfUnit | undefined} */
    this.map = undefined;
    /** Under the cursor, in shares of the map. @type {[number, number] | undefined} */
    this.cursor = undefined;
    /** Hears where the cursor is. @type {(place?: {x: number, y: number, value: number}) => void} */
    this.onRead = () => {};
    this.node.addEventListener("click", () => onEnlarge(this));
    this.canvas.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.cursor = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      this.read();
    });
    this.canvas.addEventListener("pointerleave", () => {
      this.cursor = undefined;
      this.read();
    });
  }

  /** @param {MapOfUnit} map @param {Uint32Array} colours */
  draw(map, colours) {
    if (this.canvas.width !== map.width || this.canvas.height !== map.height) {
      this.canvas.width = map.width;
      this.canvas.height = map.height;
      this.image = this.context.createImageData(map.width, map.height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    this.map = map;
    colourMap(map.values, map.start, map.divisor, colours, this.pixels);
    this.context.putImageData(this.image, 0, 0);
    setText(this.name, `${map.layer}:${map.unit}`);
    this.read();
  }

  /** The value under the cursor, or the map's range. */
  read() {
    if (!this.map) return;
    const { values, start, width, height } = this.map;
    if (this.cursor) {
      const x = Math.min(width - 1, Math.max(0, Math.floor(this.cursor[0] * width)));
      const y = Math.min(height - 1, Math.max(0, Math.floor(this.cursor[1] * height)));
      const value = values[start + y * width + x];
      setText(this.readout, `(${x}, ${y}) ${fixed(value, 2)}`);
      this.onRead({ x, y, value });
      return;
    }
    this.onRead();
    const [least, most] = this.range();
    setText(this.readout, `${short(least)} … ${short(most)}`);
  }

  /** @returns {[number, number]} */
  range() {
    const { values, start, width, height } = this.map;
    let least = Infinity;
    let most = -Infinity;
    for (let i = start; i < start + width * height; i += 1) {
      if (values[i] < least) least = values[i];
      if (values[i] > most) most = values[i];
    }
    return [least, most];
  }
}

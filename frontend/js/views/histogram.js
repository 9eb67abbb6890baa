/** How often each value occurs in a map, coloured as the map is, with a mark for one value. */

import { element, setText } from "../dom.js";
import { STEPS } from "./diverging.js";
import { short } from "./numbers.js";

const BINS = 48;
const HEIGHT = 64;

/**
 * Counts in `bins` equal intervals from the least to the most value; the most belongs to the last.
 * @param {Float32Array} values
 * @param {number} bins
 * @returns {{least: number, most: number, counts: number[]}}
 */
export function histogram(values, bins) {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const counts = new Array(bins).fill(0);
  const scale = most > least ? bins / (most - least) : 0;
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - least) * scale))] += 1;
  return { least, most, counts };
}

export class Histogram {
  constructor() {
    this.canvas = element("canvas", { width: BINS * 8, height: HEIGHT, role: "img" });
    this.context = this.canvas.getContext("2d");
    this.low = element("span", {});
    this.middle = element("span", {});
    this.high = element("span", {});
    const axis = element("div", { class: "histogram-axis" }, this.low, this.middle, this.high);
    this.node = element("figure", { class: "histogram" }, this.canvas, axis);
  }

  /**
   * @param {Float32Array} values
   * @param {number} divisor ±1 after division is full colour
   * @param {Uint32Array} colours
   * @param {number | undefined} marked
   */
  draw(values, divisor, colours, marked) {
    const { least, most, counts } = histogram(values, BINS);
    const { width, height } = this.canvas;
    const tallest = Math.max(...counts);
    const bar = width / BINS;
    this.context.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.node);
    counts.forEach((count, bin) => {
      const value = least + ((bin + 0.5) * (most - least)) / BINS;
      const tall = count ? Math.max(1, Math.round((count / tallest) * (height - 4))) : 0;
      this.context.fillStyle = css(colours, value / divisor);
      this.context.fillRect(bin * bar, height - tall, bar - 1, tall);
      // The neutral colour is that of the page: a cap keeps bars near zero in sight.
      this.context.fillStyle = style.getPropertyValue("--muted");
      if (count) this.context.fillRect(bin * bar, height - tall, bar - 1, 1);
    });
    if (marked !== undefined && most > least) {
      const x = Math.round(((marked - least) / (most - least)) * (width - 2));
      this.context.fillStyle = style.getPropertyValue("--strong");
      this.context.fillRect(x, 0, 2, height);
    }
    setText(this.low, short(least));
    setText(this.middle, marked === undefined ? `${values.length} values` : short(marked));
    setText(this.high, short(most));
    this.canvas.setAttribute("aria-label", `${values.length} values from ${short(least)} to ${short(most)}`);
  }
}

/** @param {Uint32Array} colours packed RGBA @param {number} value in [-1, 1] */
function css(colours, value) {
  const packed = colours[Math.round(Math.max(-1, Math.min(1, value)) * STEPS) + STEPS];
  return `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
}

/**
 * The orders of the grid of units, each with the value it sorts by.
 *
 * @typedef {import("../protocol.js").LayerMaps} LayerMaps
 * @typedef {{values: Float32Array | undefined, order: number[], write: (value: number) => string}} Ranking
 */

import { short } from "./numbers.js";

export const ORDERS = {
  number: "Number",
  activation: "Activation",
  difference: "Difference",
};

/**
 * @param {keyof typeof ORDERS} kind
 * @param {LayerMaps} layer
 * @param {string} slot whose units are ranked
 * @returns {Ranking} `values` of each unit, and the units in their order, highest first
 */
export function rank(kind, layer, slot) {
  const peaks = /** @type {Float32Array} */ (layer.buffers[`${slot}.peaks`].data);
  const numbers = Array.from(peaks, (_, unit) => unit);
  if (kind === "number") return { values: undefined, order: numbers, write: () => "" };
  const values = kind === "activation" ? peaks : differences(layer);
  const order = numbers.sort((a, b) => values[b] - values[a] || a - b);
  return { values, order, write: kind === "activation" ? short : (value) => value.toFixed(2) };
}

/** The two slots that are compared: the first two with maps of the same size. @param {LayerMaps} layer */
export function compared(layer) {
  const [first, second] = Object.keys(layer.models);
  const same =
    second && layer.buffers[`${first}.maps`].shape.join() === layer.buffers[`${second}.maps`].shape.join();
  return same ? [first, second] : undefined;
}

/** Mean difference of each unit's two maps, both over their own divisor: 0 to 2. @param {LayerMaps} layer */
export function differences(layer) {
  const [first, second] = compared(layer).map((slot) => layer.buffers[`${slot}.maps`]);
  const [units, height, width] = first.shape;
  const size = height * width;
  const [a, b] = [first.data, second.data];
  return Float32Array.from({ length: units }, (_, unit) => {
    let sum = 0;
    for (let i = unit * size; i < (unit + 1) * size; i += 1) sum += Math.abs(a[i] - b[i]);
    return sum / size / 127;
  });
}

/**
 * The input picture with the receptive field of one position of a map drawn into it.
 *
 * @typedef {import("../protocol.js").Layer} Layer
 * @typedef {import("../protocol.js").Field} Field
 */

import { element, setText } from "../dom.js";

/**
 * The field of a unit: the branches of a block see differently much.
 * @param {Layer | undefined} layer
 * @param {number} unit
 * @returns {Field | undefined} none where the network doesn't say
 */
export function fieldOf(layer, unit) {
  let first = 0;
  return layer?.fields?.find(({ units }) => {
    first += units;
    return unit < first;
  });
}

/**
 * Left, top, right and bottom of what position (x, y) sees, in pixels of the network's input; outside is padding.
 * @param {Field} field
 * @param {number} x
 * @param {number} y
 */
export function seen({ size, stride, start }, x, y) {
  const [left, top] = [start + x * stride, start + y * stride];
  return { left, top, right: left + size, bottom: top + size };
}

export class FieldView {
  /** @param {HTMLCanvasElement} source the picture on the page */
  constructor(source) {
    this.source = source;
    this.canvas = element("canvas", { width: source.width, height: source.height });
    this.context = this.canvas.getContext("2d");
    this.caption = element("figcaption", { class: "tile-readout" });
    this.node = element("figure", { class: "field-view" }, this.canvas, this.caption);
  }

  /**
   * @param {Field | undefined} field
   * @param {number} inputSize of the network
   * @param {{x: number, y: number} | undefined} place
   */
  draw(field, inputSize, place) {
    const { context, source, canvas } = this;
    if (canvas.width !== source.width) canvas.width = canvas.height = source.width;
    context.drawImage(source, 0, 0);
    setText(this.caption, describe(field, inputSize, place));
    if (!field || !place) return;
    const scale = canvas.width / inputSize;
    const { left, top, right, bottom } = seen(field, place.x, place.y);
    const [x, y] = [Math.max(0, left * scale), Math.max(0, top * scale)];
    const width = Math.min(canvas.width, right * scale) - x;
    const height = Math.min(canvas.height, bottom * scale) - y;
    context.fillStyle = "rgb(0 0 0 / 55%)";
    context.beginPath();
    context.rect(0, 0, canvas.width, canvas.height);
    context.rect(x, y, width, height);
    context.fill("evenodd");
    for (const [colour, line] of [
      ["#000", 3],
      ["#fff", 1],
    ]) {
      context.strokeStyle = String(colour);
      context.lineWidth = Number(line);
      context.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), Math.max(1, height - 1));
    }
  }
}

function describe(field, inputSize, place) {
  if (!field) return "No receptive field is known of this network.";
  const size = `${field.size} × ${field.size} of ${inputSize} × ${inputSize} px`;
  return place ? `Receptive field of (${place.x}, ${place.y}): ${size}` : `Receptive field: ${size}`;
}

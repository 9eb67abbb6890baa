/**
 * The first layer's kernels as pictures, side by side for the models that are on.
 *
 * @typedef {{shape: number[], largest: number, kernels: number[]}} Kernels
 */

import { byId, element, icon, setText } from "../dom.js";
import { toHash } from "../permalink.js";
import { fixed } from "./numbers.js";

const COLUMNS = 8;
const GAP = 1;
const SCALES = { model: "Same scale for all kernels", kernel: "Each kernel at full contrast" };
/** What the weights of a slot depend on. */
const WEIGHTS = /^(model[12]\.(variant|checkpoint)|edit\.)/;

/**
 * The button that opens them; there only where the first layer is shown.
 * @param {import("../store.js").Store} store
 * @param {string[]} layers the first one of each architecture
 * @param {{slot: string, title: string}[]} slots
 * @returns {HTMLElement}
 */
export function makeKernelsButton(store, layers, slots) {
  const button = element("button", { type: "button", class: "line-button" }, icon("grid"), "Kernels");
  button.addEventListener("click", () => new KernelsDialog(store, slots).open(button));
  const update = () => {
    button.hidden = !layers.includes(store.get("view.layer"));
  };
  update();
  store.subscribe((changed) => changed.has("view.layer") && update());
  return button;
}

class KernelsDialog {
  constructor(store, slots) {
    this.dialog = byId("kernels");
    this.store = store;
    this.scale = "model";
    this.sheets = slots
      .filter(({ slot }) => store.get(`${slot}.enabled`))
      .map(({ slot, title }) => new KernelSheet(slot, title, (place) => this.point(place)));
    const close = element(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Close" },
      icon("close"),
    );
    close.addEventListener("click", () => this.dialog.close());
    const choices = Object.entries(SCALES).map(([value, text]) => this.makeScale(value, text));
    this.dialog.replaceChildren(
      element("header", {}, element("h2", { id: "kernels-title" }, `Kernels of ${store.get("view.layer")}`), close),
      element("div", { class: "kernel-scales", role: "radiogroup", "aria-label": "Scale" }, ...choices),
      element("div", { class: "kernel-sheets" }, ...this.sheets.map((sheet) => sheet.node)),
    );
  }

  makeScale(value, text) {
    const input = element("input", { type: "radio", name: "kernel-scale", value, checked: value === this.scale });
    input.addEventListener("change", () => {
      this.scale = value;
      for (const sheet of this.sheets) sheet.draw(value);
    });
    return element("label", {}, input, element("span", {}, text));
  }

  /** @param {HTMLElement} opener */
  open(opener) {
    this.dialog.onclose = () => opener.focus();
    this.dialog.onclick = (event) => {
      if (event.target === this.dialog) this.dialog.close();
    };
    this.dialog.showModal();
    const changed = Object.entries(this.store.difference()).filter(([key]) => WEIGHTS.test(key));
    const query = toHash(Object.fromEntries(changed)).replace("#", "?");
    for (const sheet of this.sheets) sheet.load(query, this.scale);
  }

  /** The same kernel in every model. @param {{unit: number, x: number, y: number} | undefined} place */
  point(place) {
    for (const sheet of this.sheets) sheet.point(place);
  }
}

class KernelSheet {
  constructor(slot, title, onPoint) {
    this.slot = slot;
    this.canvas = element("canvas", { width: 1, height: 1, role: "img", "aria-label": `${title}: kernels` });
    this.mark = element("span", { class: "kernel-mark", hidden: true });
    this.note = element("span", { class: "kernel-note" }, "Loading");
    this.readout = element("span", { class: "kernel-note" });
    const frame = element("div", { class: "kernel-frame" }, this.canvas, this.mark);
    this.node = element(
      "figure",
      { class: `model ${slot}` },
      element("header", { class: "model-header" }, element("h3", { class: "chip" }, title)),
      frame,
      element("figcaption", {}, this.note, this.readout),
    );
    this.canvas.addEventListener("pointermove", (event) => onPoint(this.placeAt(event)));
    this.canvas.addEventListener("pointerleave", () => onPoint(undefined));
  }

  /** @param {string} query @param {string} scale */
  async load(query, scale) {
    const answer = await fetch(`api/kernels/${this.slot}${query}`);
    const body = await answer.json();
    if (!answer.ok) {
      setText(this.note, body.detail);
      return;
    }
    /** @type {Kernels} */
    this.kernels = body;
    this.draw(scale);
  }

  /** @param {string} scale */
  draw(scale) {
    if (!this.kernels) return;
    const { shape, largest, kernels } = this.kernels;
    const [units, , height, width] = shape;
    const rows = Math.ceil(units / COLUMNS);
    this.canvas.width = COLUMNS * (width + GAP) - GAP;
    this.canvas.height = rows * (height + GAP) - GAP;
    const context = this.canvas.getContext("2d");
    for (let unit = 0; unit < units; unit += 1) {
      const weights = kernels.slice(unit * 3 * height * width, (unit + 1) * 3 * height * width);
      const most = scale === "model" ? largest : Math.max(...weights.map(Math.abs));
      const x = (unit % COLUMNS) * (width + GAP);
      const y = Math.floor(unit / COLUMNS) * (height + GAP);
      context.putImageData(kernelImage(weights, width, height, most), x, y);
    }
    const end = scale === "model" ? largest.toPrecision(2) : "the kernel's largest weight";
    setText(this.note, `${units} kernels of ${width} × ${height}; grey is 0, black and white ±${end}`);
  }

  placeAt(event) {
    if (!this.kernels) return undefined;
    const [units, , height, width] = this.kernels.shape;
    const box = this.canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * this.canvas.width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * this.canvas.height);
    const [column, row] = [Math.floor(x / (width + GAP)), Math.floor(y / (height + GAP))];
    const unit = row * COLUMNS + column;
    const place = { unit, x: x % (width + GAP), y: y % (height + GAP) };
    return unit < units && column < COLUMNS && place.x < width && place.y < height ? place : undefined;
  }

  /** @param {{unit: number, x: number, y: number} | undefined} place */
  point(place) {
    this.mark.hidden = !place || !this.kernels;
    setText(this.readout, "");
    if (this.mark.hidden) return;
    const [, , height, width] = this.kernels.shape;
    const [across, down] = [this.canvas.width, this.canvas.height];
    const left = (place.unit % COLUMNS) * (width + GAP);
    const top = Math.floor(place.unit / COLUMNS) * (height + GAP);
    Object.assign(this.mark.style, {
      left: `${(left / across) * 100}%`,
      top: `${(top / down) * 100}%`,
      width: `${(width / across) * 100}%`,
      height: `${(height / down) * 100}%`,
    });
    const at = (channel) =>
      fixed(this.kernels.kernels[((place.unit * 3 + channel) * height + place.y) * width + place.x], 5);
    setText(this.readout, `${place.unit} (${place.x}, ${place.y}): R ${at(0)}, G ${at(1)}, B ${at(2)}`);
  }
}

/** Grey is no weight; the channels are the weights of red, green and blue. */
function kernelImage(weights, width, height, most) {
  const image = new ImageData(width, height);
  const size = width * height;
  for (let i = 0; i < size; i += 1) {
    for (let channel = 0; channel < 3; channel += 1)
      image.data[4 * i + channel] = Math.round(127.5 + (127.5 * weights[channel * size + i]) / (most || 1));
    image.data[4 * i + 3] = 255;
  }
  return image;
}

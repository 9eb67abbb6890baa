/**
 * The predictions column: per enabled model its five highest logits and the picture of a class.
 *
 * @typedef {import("../protocol.js").Frame} Frame
 * @typedef {import("../protocol.js").Prediction} Prediction
 */

import { copyText } from "../clipboard.js";
import { element, setText } from "../dom.js";
import { ClassPicture } from "./class-picture.js";
import { fixed, percent } from "./numbers.js";

const ROWS = 5;

/** The first synonym: `German shepherd` of `German shepherd, German shepherd dog, alsatian`. @param {string} name */
export function firstSynonym(name) {
  return name.split(",")[0].trim();
}

export class PredictionPanel {
  /** @param {string} slot @param {string} title @param {import("../protocol.js").Model[]} models */
  constructor(slot, title, models) {
    this.slot = slot;
    this.title = title;
    this.models = new Map(models.map((model) => [model.variant, model]));
    this.rows = Array.from({ length: ROWS }, (_, rank) => this.makeRow(rank));
    this.pointed = 0;
    this.variant = element("span", { class: "model-variant" });
    this.picture = new ClassPicture();
    const captions = element(
      "div",
      { class: "class-captions", "aria-hidden": "true" },
      element("span", {}, "Class"),
      element("span", {}, "Logit"),
      element("span", {}, "Prob."),
    );
    const list = element("ol", { class: "classes" }, ...this.rows.map((row) => element("li", {}, row.node)));
    const header = element(
      "header",
      { class: "model-header" },
      element("h3", { class: "chip" }, title),
      this.variant,
    );
    this.node = element(
      "article",
      { class: `model ${slot}`, "aria-label": `${title}: predictions` },
      header,
      this.picture.node,
      captions,
      list,
    );
    list.addEventListener("pointerleave", () => this.point(0));
    list.addEventListener("focusout", () => this.point(0));
    /** @type {Prediction[]} */
    this.top = [];
  }

  makeRow(rank) {
    const name = element("span", { class: "class-name" });
    const bar = element("span", { class: "class-bar" }, element("span", { class: "class-fill" }));
    const logit = element("span", { class: "class-number" });
    const probability = element("span", { class: "class-number" });
    const node = element("button", { type: "button", class: "class-row" }, name, bar, logit, probability);
    node.addEventListener("pointerenter", () => this.point(rank));
    node.addEventListener("focus", () => this.point(rank));
    node.addEventListener("click", () => {
      const { class: label, wnid, index, logit: value, probability: share } = this.top[rank];
      copyText(`${this.title}\t${index}\t${wnid}\t${label}\t${value}\t${share}`, "Prediction");
    });
    return { node, name, fill: /** @type {HTMLElement} */ (bar.firstChild), logit, probability };
  }

  /** Shows the picture of the class in this row. @param {number} rank */
  point(rank) {
    this.pointed = rank;
    this.showPointed();
  }

  showPointed() {
    const prediction = this.top[this.pointed];
    this.rows.forEach(({ node }, rank) => node.toggleAttribute("data-pointed", rank === this.pointed));
    const shipped = this.models.get(this.shownVariant)?.class_pictures ?? false;
    if (prediction) this.picture.show(this.shownVariant, prediction, shipped);
  }

  /** @param {Frame} frame */
  draw(frame) {
    const model = frame.models[this.slot];
    this.node.toggleAttribute("data-empty", !model?.top);
    if (!model?.top) return;
    this.top = model.top;
    this.shownVariant = model.variant;
    const most = Math.max(...model.top.map((prediction) => prediction.logit), 1e-6);
    model.top.forEach((prediction, rank) => drawRow(this.rows[rank], prediction, most));
    setText(this.variant, this.models.get(model.variant)?.label ?? "");
    this.showPointed();
  }
}

function drawRow(row, prediction, most) {
  setText(row.name, firstSynonym(prediction.class));
  if (row.node.title !== prediction.class) row.node.title = prediction.class;
  setText(row.logit, fixed(prediction.logit, 2));
  setText(row.probability, percent(prediction.probability));
  row.fill.style.transform = `scaleX(${Math.max(0, prediction.logit / most).toFixed(4)})`;
}

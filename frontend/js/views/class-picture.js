/**
 * The picture of a class: a real example where the user has a folder of them, else what maximises its logit; a plain tile
 * with its name where there is neither.
 */

import { element, setText } from "../dom.js";

const KINDS = { example: "Example", visualization: "Feature visualization" };

/**
 * The pictures by address, asked once: where each lies in the browser and what it is, or that there is none.
 * @type {Map<string, {state: "loading" | "there" | "missing", source?: string, kind?: string}>}
 */
const known = new Map();

export class ClassPicture {
  constructor() {
    this.image = element("img", { alt: "", hidden: true, width: 96, height: 96 });
    this.tile = element("span", { class: "class-tile", "aria-hidden": "true" });
    this.name = element("strong", { class: "class-title" });
    this.synonyms = element("span", { class: "class-synonyms" });
    this.source = element("span", { class: "class-source" });
    this.kind = element("span", { class: "class-source class-kind" });
    const text = element("div", { class: "class-text" }, this.name, this.synonyms, this.source, this.kind);
    this.node = element(
      "figure",
      { class: "class-picture" },
      element("div", { class: "class-frame" }, this.tile, this.image),
      text,
    );
    this.address = "";
  }

  /**
   * @param {string} variant
   * @param {import("../protocol.js").Prediction} prediction
   * @param {boolean} shipped whether this variant has pictures of its classes
   */
  show(variant, prediction, shipped) {
    const address = `/api/class-picture/${encodeURIComponent(variant)}/${prediction.index}`;
    if (address === this.address) return;
    this.address = address;
    const [first, ...others] = prediction.class.split(",").map((name) => name.trim());
    setText(this.tile, first);
    setText(this.name, first);
    setText(this.synonyms, others.join(", "));
    setText(this.source, `${prediction.wnid} · ${prediction.index}`);
    if (!shipped) known.set(address, { state: "missing" });
    if (known.has(address)) this.reveal();
    else this.load(address);
  }

  async load(address) {
    known.set(address, { state: "loading" });
    this.reveal();
    known.set(address, await fetchPicture(address));
    if (this.address === address) this.reveal();
  }

  reveal() {
    const { state, source, kind } = known.get(this.address);
    this.image.hidden = state !== "there";
    if (source && this.image.src !== source) this.image.src = source;
    setText(this.kind, kind ?? "");
    // Another panel may have asked: look again when it has its answer.
    if (state === "loading") setTimeout(() => this.revealLater(this.address), 100);
  }

  revealLater(address) {
    if (this.address === address && this.image.hidden) this.reveal();
  }
}

async function fetchPicture(address) {
  const answer = await fetch(address);
  if (!answer.ok) return /** @type {const} */ ({ state: "missing" });
  const source = URL.createObjectURL(await answer.blob());
  const kind = KINDS[answer.headers.get("Perturber-Picture")] ?? "";
  return /** @type {const} */ ({ state: "there", source, kind });
}

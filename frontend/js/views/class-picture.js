/** The picture of a class: what maximises its logit; a plain tile with its name where none is shipped. */

import { element, setText } from "../dom.js";

/** Which pictures there are, by address: asked once. @type {Map<string, "loading" | "there" | "missing">} */
const known = new Map();

export class ClassPicture {
  constructor() {
    this.image = element("img", { alt: "", hidden: true, width: 96, height: 96 });
    this.tile = element("span", { class: "class-tile", "aria-hidden": "true" });
    this.name = element("strong", { class: "class-title" });
    this.synonyms = element("span", { class: "class-synonyms" });
    this.source = element("span", { class: "class-source" });
    const text = element("div", { class: "class-text" }, this.name, this.synonyms, this.source);
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
    if (!shipped) known.set(address, "missing");
    if (known.has(address)) this.reveal(address);
    else this.load(address);
  }

  load(address) {
    known.set(address, "loading");
    this.image.hidden = true;
    const probe = new Image();
    const settle = (/** @type {"there" | "missing"} */ state) => {
      known.set(address, state);
      if (this.address === address) this.reveal(address);
    };
    probe.onload = () => settle("there");
    probe.onerror = () => settle("missing");
    probe.src = address;
  }

  reveal(address) {
    const there = known.get(address) === "there";
    this.image.hidden = !there;
    if (there) this.image.src = address;
    else if (known.get(address) === "loading") this.load(address);
  }
}

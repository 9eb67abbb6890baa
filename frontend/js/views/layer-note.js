/** What a model's row says where its network lacks the shown layer or units, with a layer that it has. */

import { element, setText } from "../dom.js";

export class LayerNote {
  /**
   * @param {import("../store.js").Store} store
   * @param {import("../architectures.js").Architectures} architectures
   * @param {string} slot
   */
  constructor(store, architectures, slot) {
    this.store = store;
    this.architectures = architectures;
    this.slot = slot;
    this.text = element("p", { role: "status" });
    this.button = element("button", { type: "button", class: "plain-button" });
    this.button.addEventListener("click", () => store.set({ "view.layer": this.alike }));
    this.node = element("div", { class: "layer-note", hidden: true }, this.text, this.button);
  }

  /** @param {import("../protocol.js").ModelResult | undefined} model */
  draw(model) {
    this.node.hidden = !model?.note;
    if (!model?.note) return;
    setText(this.text, `${model.note}.`);
    const shown = this.store.get("view.layer");
    this.button.hidden = this.alike === shown;
    setText(this.button, `Show ${this.alike}`);
  }

  /** The layer of this model's network that is the shown one, or as deep. */
  get alike() {
    const own = this.architectures.of((key) => this.store.get(key), this.slot);
    return this.architectures.asDeep(own, this.store.get("view.layer"));
  }
}

/** The top class of each model beside the picture, where the page is too narrow to show the predictions too. */

import { element, setText } from "../dom.js";
import { percent } from "./numbers.js";
import { firstSynonym } from "./predictions.js";

export class Summary {
  /** @param {{slot: string, title: string}[]} models */
  constructor(models) {
    this.entries = models.map(({ slot, title }) => makeEntry(slot, title));
    this.node = element("ul", { class: "summary" }, ...this.entries.map((entry) => entry.node));
  }

  /** @param {import("../protocol.js").Frame} frame */
  draw(frame) {
    for (const entry of this.entries) {
      const best = frame.models[entry.slot]?.top?.[0];
      entry.node.hidden = !best;
      if (!best) continue;
      setText(entry.name, firstSynonym(best.class));
      setText(entry.share, percent(best.probability));
    }
  }
}

function makeEntry(slot, title) {
  const name = element("span", { class: "class-title" });
  const share = element("span", { class: "summary-share" });
  const node = element(
    "li",
    { class: slot, hidden: true },
    element("span", { class: "chip" }, title),
    name,
    share,
  );
  return { slot, node, name, share };
}

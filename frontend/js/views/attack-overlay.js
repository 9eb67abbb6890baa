/**
 * What the attack does to each model, as text over the picture (thesis 5.2.2): its first class before and after,
 * and its first class now. While it lies there, a press on the picture takes it away and the scene is back.
 *
 * @typedef {import("../protocol.js").AttackResult} AttackResult
 */

import { element, setText } from "../dom.js";
import { firstSynonym } from "./predictions.js";

const DOUBLE_CLICK_MS = 1000;

export class AttackOverlay {
  /** @param {HTMLElement} scene @param {{slot: string, title: string}[]} models @param {() => void} reset */
  constructor(scene, models, reset) {
    this.scene = scene;
    this.rows = models.map(({ slot, title }) => makeRow(slot, title));
    this.head = element("p", { class: "attack-hint" });
    const list = element("ul", { class: "attack-stories" }, ...this.rows.map((row) => row.node));
    this.node = element("div", { class: "attack-overlay", hidden: true }, this.head, list);
    scene.append(this.node);
    const active = () => !this.node.hidden;
    let ended = -Infinity;
    scene.addEventListener(
      "pointerdown",
      (event) => {
        if (!active()) return;
        ended = event.timeStamp;
        reset();
      },
      { capture: true },
    );
    // A double click that ends the attack is not meant for the camera, too.
    scene.addEventListener(
      "dblclick",
      (event) => event.timeStamp - ended < DOUBLE_CLICK_MS && event.stopImmediatePropagation(),
      { capture: true },
    );
    // The scene stands still under an attack: nothing should move unseen, and no wheel should end it by chance.
    for (const name of ["wheel", "keydown"]) {
      scene.addEventListener(name, (event) => active() && this.keepStill(event), { capture: true });
    }
  }

  /** @param {Event} event */
  keepStill(event) {
    if (event instanceof KeyboardEvent && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.head.animate?.([{ opacity: 0.2 }, { opacity: 1 }], 300);
  }

  /** @param {AttackResult | undefined} attack */
  draw(attack) {
    this.node.hidden = !attack;
    this.scene.toggleAttribute("data-attacked", Boolean(attack));
    if (!attack) return;
    const toward = attack.target ? ` → ${firstSynonym(attack.target)}` : "";
    setText(this.head, `Attack${toward} · click to reset`);
    for (const row of this.rows) row.draw(attack.classes[row.slot], row.slot === attack.source);
  }
}

/** A probability in a few letters: the exact one stands in the predictions. @param {number} share */
function whole(share) {
  return `${(100 * share).toFixed(0)} %`;
}

function makeRow(slot, title) {
  const mark = element("span", { class: "visually-hidden" }, title);
  const name = element("span", { class: "attack-class" });
  const shares = element("span", { class: "attack-share" });
  const now = element("span", { class: "attack-class" });
  const share = element("span", { class: "attack-share" });
  const node = element("li", { class: slot, hidden: true, title }, mark, name, shares, now, share);
  return {
    slot,
    node,
    /** @param {import("../protocol.js").Story | undefined} story @param {boolean} isSource */
    draw: (story, isSource) => {
      node.hidden = !story;
      if (!story) return;
      node.toggleAttribute("data-source", isSource);
      const { original_before: before, original_after: after, top_after: top } = story;
      setText(name, firstSynonym(before.class));
      setText(shares, `${whole(before.probability)} → ${whole(after.probability)}`);
      const other = top.index !== before.index;
      setText(now, other ? firstSynonym(top.class) : "unchanged");
      setText(share, other ? whole(top.probability) : "");
      node.toggleAttribute("data-fooled", other);
    },
  };
}

/**
 * A model's row of feature visualizations: pictures of what its units want to see, as they form.
 *
 * @typedef {import("../protocol.js").FeatureVis} FeatureVis
 */

import { element, icon, setText } from "../dom.js";
import { openFeature, refreshFeature } from "./feature-enlarged.js";

const WORDS = {
  waiting: "Waiting",
  idle: "Not made yet",
  forming: "Forming",
  paused: "Paused",
  failed: "Could not be made",
  done: "",
};

export class FeatureRow {
  /**
   * @param {string} slot such as `model1`
   * @param {string} title such as `Model 1`
   * @param {(action: "play" | "pause", slot: string) => void} act
   */
  constructor(slot, title, act) {
    this.slot = slot;
    this.title = title;
    /** @type {FeatureTile[]} */
    this.tiles = [];
    /** @type {FeatureVis | undefined} */
    this.message = undefined;
    this.grid = element("div", { class: "pictures" });
    this.status = element("span", { class: "feature-status", role: "status" });
    this.bar = element("span", { class: "feature-bar", "aria-hidden": "true" });
    this.button = element("button", { type: "button", class: "feature-button", hidden: true });
    this.button.addEventListener("click", () =>
      act(this.message?.state === "forming" ? "pause" : "play", this.slot),
    );
    this.node = element(
      "div",
      { class: "features", role: "group", "aria-label": `${title}: feature visualizations` },
      this.grid,
      this.bar,
      element("div", { class: "feature-line" }, this.status, this.button),
    );
    this.show("waiting", false);
  }

  /** Empty frames hold the place of the pictures. @param {string} layer @param {number[]} units */
  setUnits(layer, units) {
    const known = new Map(this.tiles.map((tile) => [tile.name, tile]));
    this.tiles = units.map((unit) => {
      const name = `${layer}:${unit}`;
      return known.get(name) ?? new FeatureTile(name, (tile) => openFeature(this, tile));
    });
    this.grid.replaceChildren(...this.tiles.map(({ node }) => node));
    this.grid.style.setProperty("--units", String(Math.max(1, units.length)));
    this.grid.style.setProperty("--units-narrow", String(Math.max(1, Math.min(4, units.length))));
  }

  /** @param {FeatureVis} message */
  draw(message) {
    const before = this.message;
    const likewise =
      before?.naive === message.naive &&
      before.diversity === message.diversity &&
      before.layer === message.layer;
    if (before && !likewise) for (const tile of this.tiles) tile.clear();
    // Until its own come, a network keeps the last one's pictures, marked as such.
    else if (before && before.weights !== message.weights) for (const tile of this.tiles) tile.age();
    this.message = message;
    this.setUnits(message.layer, message.units);
    message.pictures.forEach((picture, place) => picture && this.tiles[place].draw(picture));
    this.node.style.setProperty("--formed", String(message.steps ? message.step / message.steps : 1));
    const stale = this.tiles.some((tile) => tile.stale);
    this.show(message.state, stale);
    refreshFeature(this);
  }

  /** @param {string} state @param {boolean} stale */
  show(state, stale) {
    const { step = 0, steps = 0 } = this.message ?? {};
    this.node.dataset.state = state;
    this.node.toggleAttribute("data-stale", stale);
    const words = stale && state === "idle" ? "Stale: the weights have changed" : WORDS[state];
    const steps_ = state === "forming" || state === "paused" ? ` ${step} of ${steps}` : "";
    setText(this.status, words + steps_);
    const playable = state === "idle" || state === "paused";
    this.button.hidden = !playable && state !== "forming";
    const name = `${playable ? "Make" : "Pause"} feature visualizations of ${this.title}`;
    if (this.button.getAttribute("aria-label") !== name) {
      this.button.setAttribute("aria-label", name);
      this.button.title = playable ? "Make the feature visualizations" : "Pause";
      this.button.replaceChildren(icon(playable ? "play" : "pause"));
    }
  }

  /**
   * Pictures of another checkpoint, while the slider moves.
   * @param {Record<string, string>} pictures by unit
   */
  preview(pictures) {
    this.message?.units.forEach((unit, place) => {
      if (pictures[unit]) this.tiles[place].draw(pictures[unit]);
    });
  }
}

export class FeatureTile {
  /** @param {string} name such as `mixed4a:3` @param {(tile: FeatureTile) => void} onEnlarge */
  constructor(name, onEnlarge) {
    this.name = name;
    this.picture = "";
    this.stale = false;
    this.image = element("img", { alt: "", hidden: true });
    this.node = element(
      "button",
      { type: "button", class: "feature-tile", "aria-label": `Feature visualization of ${name}` },
      element("span", { class: "feature-frame" }, this.image),
      element("span", { class: "tile-name" }, name),
    );
    this.node.addEventListener("click", () => this.picture && onEnlarge(this));
  }

  /** @param {string} picture a `data:` address */
  draw(picture) {
    this.picture = picture;
    this.image.src = picture;
    this.image.hidden = false;
    this.mark(false);
  }

  /** The picture is of other weights than those shown now. */
  age() {
    this.mark(this.picture !== "");
  }

  clear() {
    this.picture = "";
    this.image.hidden = true;
    this.image.removeAttribute("src");
    this.mark(false);
  }

  /** @param {boolean} stale */
  mark(stale) {
    this.stale = stale;
    this.node.toggleAttribute("data-stale", stale);
  }
}

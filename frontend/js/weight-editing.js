/**
 * The weight editing panel: a line for each layer of the Edited Model, mixed of two models or pruned.
 *
 * @typedef {import("./controls.js").Controls} Controls
 * @typedef {import("./slider.js").Control} Control
 */

import { element, icon, setText } from "./dom.js";
import { editKeys, keysOf, loadEdit, saveEdit, weightsAddress } from "./edit-file.js";
import { makeGroup } from "./groups.js";
import { makeRange } from "./range-slider.js";
import { makeSlider } from "./slider.js";

export class WeightEditing {
  /** @param {Controls} controls @param {import("./architectures.js").Architectures} architectures */
  constructor(controls, architectures) {
    this.store = controls.store;
    this.architectures = architectures;
    this.keys = { mix: editKeys(this.store, "mix"), prune: editKeys(this.store, "prune") };
    /** The share of filters kept, said beside its range. @type {Map<string, HTMLElement>} */
    this.kept = new Map();
    const makers = Object.fromEntries([
      ["edit.mode", undefined],
      ...this.keys.mix.map((key) => [key, (store, row) => this.makeMix(store, row)]),
      ...this.keys.prune.map((key) => [key, (store, row) => this.makePrune(store, row)]),
    ]);
    const { node, body } = makeGroup(controls, "Weight Editing", Object.keys(makers), makers);
    this.node = element(
      "aside",
      { id: "weight-editing", class: "edited", "aria-label": "Weight editing" },
      node,
    );
    /** @type {Map<string, HTMLElement>} */
    this.lines = new Map([...this.node.querySelectorAll("[data-key]")].map((line) => [line.dataset.key, line]));
    this.node.querySelector('[data-key="edit.mode"]').after(this.makeBases());
    body.append(this.makeFiles());
    this.store.subscribe(() => this.follow());
    this.follow();
  }

  /** Only the chosen mode's lines of Model 1's layers show, and only with the Edited Model. */
  follow() {
    this.node.hidden = !this.store.get("edited.enabled");
    this.node.dataset.mode = this.store.get("edit.mode");
    const all = [...this.keys.mix, ...this.keys.prune];
    const own = new Set(keysOf(all, this.groups));
    for (const key of all) this.lines.get(key).hidden = !own.has(key);
  }

  /** What can be edited of Model 1, input to output. */
  get groups() {
    return this.architectures.of((key) => this.store.get(key), "model1").groups;
  }

  /** @param {import("./protocol.js").Frame} frame */
  draw(frame) {
    for (const [layer, [, share]] of Object.entries(frame.models.edited?.active ?? {})) {
      const kept = this.kept.get(`edit.prune.${layer}`);
      if (kept) setText(kept, `${Math.round(share * 100)} %`);
    }
  }

  /** A mix slider, its thumb between the models' colours, with the button of the thesis's experiment. */
  makeMix(store, row) {
    const slider = makeSlider(store, row);
    const button = element(
      "button",
      {
        type: "button",
        class: "icon-button up-to",
        title: `Up to ${row.label} from Model 2, behind it Model 1`,
        "aria-label": `Up to ${row.label} from Model 2`,
      },
      icon("up-to"),
    );
    button.addEventListener("click", () => {
      const last = keysOf(this.keys.mix, this.groups).indexOf(row.key);
      this.mix((index) => (index <= last ? 1 : 0));
    });
    slider.node.querySelector(".unit").replaceWith(button);
    const update = () => {
      slider.update();
      slider.node.style.setProperty("--mix", `${(store.get(row.key) * 100).toFixed(1)}%`);
    };
    return { ...slider, update };
  }

  /** A range with the share of filters that its frame kept. */
  makePrune(store, row) {
    const range = makeRange(store, row);
    const kept = element("output", { class: "kept", title: "Share of filters kept" }, "");
    this.kept.set(row.key, kept);
    range.node.append(kept);
    return range;
  }

  /** @param {(index: number) => number} alpha by the layer's place, input to output */
  mix(alpha) {
    const keys = keysOf(this.keys.mix, this.groups);
    this.store.set(Object.fromEntries(keys.map((key, index) => [key, alpha(index)])));
  }

  makeBases() {
    const buttons = [1, 2].map((model) => {
      const button = element(
        "button",
        { type: "button", class: `plain-button model${model}` },
        `All Model ${model}`,
      );
      button.addEventListener("click", () => this.mix(() => model - 1));
      return button;
    });
    return element("div", { class: "editing-bases" }, ...buttons);
  }

  /** Save and load the edit, save the weights. */
  makeFiles() {
    const save = makeButton("button", "save", "Save", "Save edit as JSON", { type: "button" });
    const load = makeButton("button", "open", "Load", "Load edit from JSON", { type: "button" });
    const weights = makeButton("a", "save", "Weights", "Save weights as safetensors", {
      download: "edited.safetensors",
    });
    const input = element("input", {
      type: "file",
      accept: ".json,application/json",
      hidden: true,
      "aria-label": "Edit file",
    });
    save.addEventListener("click", () => saveEdit(this.store, this.groups));
    load.addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      if (input.files[0]) await loadEdit(this.store, input.files[0]);
      input.value = "";
    });
    const point = () => weights.setAttribute("href", weightsAddress(this.store));
    this.store.subscribe(point);
    point();
    return element("div", { class: "editing-files" }, save, load, weights, input);
  }
}

function makeButton(tag, symbol, text, name, attributes) {
  const shared = { class: "plain-button", title: name, "aria-label": name };
  return element(tag, { ...shared, ...attributes }, icon(symbol), text);
}

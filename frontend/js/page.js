/**
 * Puts the controls and views that the welcome describes into the three columns.
 *
 * @typedef {import("./protocol.js").Welcome} Welcome
 * @typedef {import("./store.js").Store} Store
 * @typedef {{draw: (frame: import("./protocol.js").Frame) => void,
 *   drawLayer: (layer: import("./protocol.js").LayerMaps) => void,
 *   drawFeatures: (message: import("./protocol.js").FeatureVis) => void, effect: EffectEditor}} Views
 */

import { Architectures } from "./architectures.js";
import { AttackPanel } from "./attack-panel.js";
import { followCheckpoints } from "./checkpoint-preview.js";
import { classMaker } from "./class-entry.js";
import { checkpointMaker } from "./checkpoint-slider.js";
import { Controls } from "./controls.js";
import { byId, element, setText } from "./dom.js";
import { EffectEditor } from "./effect-editor.js";
import { featvisMaker } from "./featvis-entry.js";
import { groupMaker, makeFound } from "./group-menu.js";
import { makeGroup } from "./groups.js";
import { layerMaker } from "./layer-rail.js";
import { checkpointsOf } from "./rules.js";
import { unitsMaker } from "./units-entry.js";
import { WeightEditing } from "./weight-editing.js";
import { ActivationRow } from "./views/activations.js";
import { FeatureRow } from "./views/feature-row.js";
import { AttackOverlay } from "./views/attack-overlay.js";
import { LayerNote } from "./views/layer-note.js";
import { describeNetworks } from "./views/enlarged.js";
import { makeKernelsButton } from "./views/kernels.js";
import { PredictionPanel } from "./views/predictions.js";
import { Summary } from "./views/summary.js";
import { UnitGrid } from "./views/unit-grid.js";
import { bindSceneDrop } from "./own/drop.js";
import { contentMaker, followFiles } from "./own/row.js";

/**
 * @param {Store} store
 * @param {Welcome} welcome
 * @param {{attack: import("./attack-panel.js").Act, askLayer: () => void,
 *   featureVis: (action: "play" | "pause", slot: string) => void}} act what the page asks the server for
 * @param {import("./own/files.js").OwnFiles} files
 * @returns {Views}
 */
export function buildPage(store, welcome, { attack, askLayer, featureVis }, files) {
  describeNetworks(welcome);
  const controls = new Controls(store);
  const slots = [...store.rows.keys()]
    .filter((key) => key.endsWith(".enabled"))
    .map((key) => key.replace(".enabled", ""));
  const architectures = new Architectures(welcome);
  const views = slots.map((slot) => buildSlot(controls, store, welcome, architectures, slot, featureVis));
  followCheckpoints(store, byId("activation-rows"), views);
  const titled = slots.map((slot) => ({ slot, title: store.row(`${slot}.enabled`).group }));
  const summary = new Summary(titled);
  byId("summary").append(summary.node);
  byId("neuron-controls").append(
    controls.make("view.layer", layerMaker(architectures)),
    controls.make("view.group", groupMaker(welcome)),
    controls.make("view.count"),
    controls.make("view.units", unitsMaker(architectures, welcome.groups)),
    makeFound(store, welcome.groups),
    controls.make("view.normalization"),
  );
  const grid = new UnitGrid(store, titled, askLayer);
  const firstLayers = welcome.architectures.map(({ layers }) => layers[0].name);
  const kernels = makeKernelsButton(store, firstLayers, titled);
  const shows = ["view.activations", "view.featvis", "view.naive", "view.diversity"];
  byId("neuron-controls").append(
    element("div", { class: "line-buttons" }, kernels, grid.toggle),
    element("div", { id: "feature-flags" }, ...shows.map((key) => controls.make(key))),
  );
  byId("neuron-body").before(grid.node);
  byId("prediction-controls").append(controls.make("view.predictions"));
  const editing = new WeightEditing(controls, architectures);
  byId("neuron-body").append(editing.node);
  const panel = new AttackPanel(store, welcome.attacks, attack);
  const effect = new EffectEditor(store, welcome.effects);
  const own = [...store.rows.values()].filter(({ kind }) => kind === "content");
  buildGroups(controls, store, welcome, panel, {
    "post.custom": effect.maker,
    "attack.target": targetMaker,
    "scene.featvis": featvisMaker(welcome.layers),
    ...Object.fromEntries(own.map(({ key }) => [key, contentMaker(files)])),
  });
  followFiles(controls, files);
  bindSceneDrop(byId("scene"), files);
  const overlay = new AttackOverlay(byId("scene"), titled, () => attack("reset"));
  setText(byId("device"), welcome.device);
  setText(byId("version"), welcome.version);
  followToggles(store, slots, views);
  return {
    effect,
    draw: (frame) => {
      const exponent = store.get("view.normalization");
      const meaning = exponent === 0 ? "4 σ" : `10^${exponent}`;
      for (const { row, panel, note } of views) {
        row.draw(frame, meaning);
        panel.draw(frame);
        note.draw(frame.models[note.slot]);
      }
      summary.draw(frame);
      editing.draw(frame);
      panel.draw(frame.attack);
      overlay.draw(frame.attack);
      grid.follow();
    },
    drawLayer: (layer) => grid.draw(layer),
    drawFeatures: (message) => views.find(({ slot }) => slot === message.slot)?.features.draw(message),
  };
}

/** A model's row of maps, with the model's own controls, and its panel of predictions. */
function buildSlot(controls, store, welcome, architectures, slot, featureVis) {
  const title = store.row(`${slot}.enabled`).group;
  const checkpoints = checkpointMaker((variant) => checkpointsOf(welcome, variant));
  const choice = store.rows.has(`${slot}.variant`)
    ? [controls.make(`${slot}.variant`), controls.make(`${slot}.checkpoint`, checkpoints)]
    : [];
  const lines = [...choice, controls.make(`${slot}.enabled`)];
  const row = new ActivationRow(slot, title, lines);
  const panel = new PredictionPanel(slot, title, welcome.models);
  const note = new LayerNote(store, architectures, slot);
  row.node.append(note.node);
  byId("activation-rows").append(row.node);
  byId("prediction-panels").append(panel.node);
  const features = new FeatureRow(slot, title, featureVis);
  row.node.append(features.node);
  const units = store.get("view.units").split(",").map(Number);
  row.setCount(units.length);
  features.setUnits(store.get("view.layer"), units);
  return { slot, row, panel, features, note };
}

/** Every group that no other part of the page shows becomes a collapsible group of the input column. */
function buildGroups(controls, store, welcome, attackPanel, makers) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const row of store.rows.values()) {
    if (!controls.made.has(row.key)) groups.set(row.group, [...(groups.get(row.group) ?? []), row.key]);
  }
  for (const [name, keys] of groups) {
    const group = makeGroup(controls, name, keys, makers);
    byId("input-controls").append(group.node);
    if (keys.includes("attack.method")) {
      group.body.append(attackPanel.node);
      attackPanel.follow();
    }
    if (name === "Morph") nameMorph(controls, store, welcome, keys, group.rename);
  }
}

/** The classes offered are those of the network that is attacked. */
const targetMaker = classMaker(
  (store) => store.get(`${store.get("attack.source")}.variant`) ?? store.get("model1.variant"),
  "untargeted",
);

/** The morph is named after the object in the scene: Catness, with Overall, Shape and Texture Catness. */
function nameMorph(controls, store, welcome, keys, rename) {
  const apply = () => {
    const morph = welcome.objects.find(({ name }) => name === store.get("scene.object"))?.morph ?? "Morph";
    rename(morph);
    for (const key of keys) controls.rename(key, `${store.row(key).label} ${morph}`);
  };
  apply();
  store.subscribe((changed) => changed.has("scene.object") && apply());
}

/** A model that is off shows only its header; a view that is off says so. */
function followToggles(store, slots, views) {
  const apply = () => {
    slots.forEach((slot, index) => {
      const enabled = store.get(`${slot}.enabled`);
      views[index].row.node.toggleAttribute("data-off", !enabled);
      views[index].panel.node.hidden = !enabled;
    });
    const enabled = slots.filter((slot) => store.get(`${slot}.enabled`)).length;
    byId("activation-rows").style.setProperty("--rows", String(Math.max(1, enabled)));
    byId("neurons").toggleAttribute("data-off", !store.get("view.activations"));
    byId("neurons").toggleAttribute("data-no-features", !store.get("view.featvis"));
    byId("predictions").toggleAttribute("data-off", !store.get("view.predictions"));
  };
  apply();
  store.subscribe(apply);
}

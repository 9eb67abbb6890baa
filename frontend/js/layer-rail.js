/**
 * The layers of each shown architecture as a chain from input to output: native radio buttons, so arrow keys walk
 * along it.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Architecture} Architecture
 */

import { shortName } from "./architectures.js";
import { element, setText } from "./dom.js";

const MOST_IN_A_ROW = 12;

/**
 * A maker for `Controls.make`.
 * @param {import("./architectures.js").Architectures} architectures
 * @returns {(store: Store, row: import("./protocol.js").Parameter) => import("./slider.js").Control}
 */
export function layerMaker(architectures) {
  return (store, row) => {
    const caption = element("span", { id: `${row.key}.label`, class: "visually-hidden" }, row.label);
    const chains = architectures.all.map((architecture, index) => makeChain(store, row.key, architecture, index));
    const node = element("div", { class: "control layer-rail", "aria-describedby": `${row.key}.help` });
    node.append(caption, ...chains.map((chain) => chain.node));
    const update = () => {
      const shown = architectures.shown((key) => store.get(key));
      node.toggleAttribute("data-several", shown.length > 1);
      for (const chain of chains) chain.update(shown.includes(chain.architecture));
    };
    store.subscribe((changed) => {
      if ([...changed].some((key) => /^view\.predictions$|\.(enabled|variant)$/.test(key))) update();
    });
    const facts = () => {
      const layer = store.get(row.key);
      return `${layer} has ${architectures.channels((key) => store.get(key), layer)} units`;
    };
    return { node, update, rename: (text) => setText(caption, text), facts };
  };
}

/** @param {Store} store @param {string} key @param {Architecture} architecture @param {number} index */
function makeChain(store, key, architecture, index) {
  const { layers, label } = architecture;
  // Names may be the same in two architectures: each chain is a group of its own.
  const group = index ? `${key}@${index}` : key;
  const stations = layers.map((layer) => makeStation(store, key, group, layer));
  const name = element("span", { class: "chain-name", id: `${group}.chain` }, label);
  const node = element(
    "div",
    { class: "layer-chain", role: "radiogroup", "aria-labelledby": `${key}.label ${group}.chain` },
    name,
    ...stations.map((station) => station.node),
  );
  const rows = Math.ceil(layers.length / MOST_IN_A_ROW);
  node.style.setProperty("--stations", String(Math.ceil(layers.length / rows)));
  node.style.setProperty("--chain-rows", String(rows));
  const update = (/** @type {boolean} */ shown) => {
    node.hidden = !shown;
    const chosen = layers.findIndex((layer) => layer.name === store.get(key));
    stations.forEach(({ node: station, input }, place) => {
      input.checked = place === chosen;
      station.toggleAttribute("data-passed", place < chosen);
      station.toggleAttribute("data-idle", place > chosen && !store.get("view.predictions"));
    });
  };
  return { node, architecture, update };
}

function makeStation(store, key, group, { name }) {
  const input = element("input", { type: "radio", name: group, value: name, id: `${group}.${name}` });
  const node = element("label", { class: "station", title: name }, input, element("span", {}, shortName(name)));
  input.addEventListener("change", () => store.set({ [key]: name }));
  return { node, input };
}

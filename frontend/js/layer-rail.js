/**
 * The layers of the network as a chain from input to output: native radio buttons, so arrow keys walk along it.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./protocol.js").Layer} Layer
 */

import { element, setText } from "./dom.js";

/**
 * A maker for `Controls.make`.
 * @param {Layer[]} layers
 * @returns {(store: Store, row: import("./protocol.js").Parameter) => import("./slider.js").Control}
 */
export function layerMaker(layers) {
  return (store, row) => {
    const caption = element("span", { id: `${row.key}.label`, class: "visually-hidden" }, row.label);
    const stations = layers.map((layer) => makeStation(store, row.key, layer));
    const node = element("div", {
      class: "control layer-rail",
      role: "radiogroup",
      "aria-labelledby": `${row.key}.label`,
      "aria-describedby": `${row.key}.help`,
    });
    node.append(caption, ...stations.map((station) => station.node));
    const update = () => {
      const chosen = layers.findIndex(({ name }) => name === store.get(row.key));
      stations.forEach(({ node: station, input }, index) => {
        input.checked = index === chosen;
        station.toggleAttribute("data-passed", index < chosen);
        station.toggleAttribute("data-idle", index > chosen && !store.get("view.predictions"));
      });
    };
    store.subscribe((changed) => changed.has("view.predictions") && update());
    const facts = () =>
      `${store.get(row.key)} has ${layers.find(({ name }) => name === store.get(row.key)).channels} units`;
    return { node, update, rename: (text) => setText(caption, text), facts };
  };
}

function makeStation(store, key, { name }) {
  const input = element("input", { type: "radio", name: key, value: name, id: `${key}.${name}` });
  const node = element("label", { class: "station" }, input, element("span", {}, name));
  input.addEventListener("change", () => store.set({ [key]: name }));
  return { node, input };
}

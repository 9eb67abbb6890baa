/**
 * Which architecture each model slot's network has, and so which layers there are to show.
 *
 * @typedef {import("./protocol.js").Welcome} Welcome
 * @typedef {import("./protocol.js").Architecture} Architecture
 * @typedef {import("./protocol.js").Layer} Layer
 * @typedef {(key: string) => any} Get the value of a parameter
 */

const SLOTS = ["model1", "model2", "edited"];

/** The architecture of a slot's network; the Edited Model's is Model 1's. */
export class Architectures {
  /** @param {Welcome} welcome */
  constructor({ architectures, models }) {
    this.all = architectures;
    const byName = new Map(architectures.map((architecture) => [architecture.name, architecture]));
    this.byVariant = new Map(models.map((model) => [model.variant, byName.get(model.architecture)]));
  }

  /** @param {Get} get @param {string} slot @returns {Architecture} */
  of(get, slot) {
    return this.byVariant.get(get(`${slot}.variant`) ?? get("model1.variant")) ?? this.all[0];
  }

  /** Those of the enabled slots, each once; with none enabled Model 1's. @param {Get} get @returns {Architecture[]} */
  shown(get) {
    const enabled = SLOTS.filter((slot) => get(`${slot}.enabled`));
    return [...new Set((enabled.length ? enabled : ["model1"]).map((slot) => this.of(get, slot)))];
  }

  /** The layers of the shown architectures. @param {Get} get @returns {Layer[]} */
  layers(get) {
    return this.shown(get).flatMap(({ layers }) => layers);
  }

  /** The most units that a shown network's layer of that name has. @param {Get} get @param {string} layer */
  channels(get, layer) {
    const known = this.layers(get).filter(({ name }) => name === layer);
    return Math.max(1, ...known.map(({ channels }) => channels));
  }

  /**
   * The layer to show: the given one, or where no shown network has it, one as deep in the first.
   * @param {Get} get
   * @param {string} layer
   */
  nearest(get, layer) {
    const shown = this.shown(get);
    if (shown.some(({ layers }) => layers.some(({ name }) => name === layer))) return layer;
    return this.asDeep(shown[0], layer);
  }

  /**
   * The layer of an architecture that is as deep as `layer` is in its own; `layer` itself where it has it.
   * @param {Architecture} architecture
   * @param {string} layer
   */
  asDeep({ layers }, layer) {
    if (layers.some(({ name }) => name === layer)) return layer;
    const from = this.all.find(({ layers: own }) => own.some(({ name }) => name === layer))?.layers ?? [];
    const depth = Math.max(0, from.findIndex(({ name }) => name === layer)) / Math.max(1, from.length - 1);
    return layers[Math.round(depth * (layers.length - 1))].name;
  }
}

/**
 * A layer's name as short as it says something: the last part of its path, with the one before where that is a
 * number: `denseblock1` of `features.denseblock1`, `features.3`.
 * @param {string} name
 */
export function shortName(name) {
  const parts = name.split(".");
  return parts.slice(/^\d+$/.test(parts.at(-1) ?? "") ? -2 : -1).join(".");
}

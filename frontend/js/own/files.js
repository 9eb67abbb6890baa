/**
 * The files that a user brings: which is shown, which is on its way, and what went wrong.
 *
 * @typedef {import("../store.js").Store} Store
 * @typedef {{kind: string, content: string, label: string, type: string, vertices?: number, faces?: number,
 *   texture?: [number, number] | null, width?: number, height?: number, up?: string}} About what is kept of an upload
 * @typedef {{state: "empty" | "loaded" | "gone"} | {state: "sending", name: string, progress: number}
 *   | {state: "reading", name: string} | {state: "refused", name: string, reason: string}} Status
 * @typedef {{key: string, kind: "object" | "background" | "picture", accept: string, title: string,
 *   changes: (about: About) => Record<string, import("../parameters.js").Value>,
 *   menu: string, own: string, otherwise: string}} Place `menu` says `own` while the file is shown, `otherwise` without it
 */

import { send } from "./upload.js";

const MODEL_FILES = ".obj,.mtl,.glb,.ply,.stl";
const PICTURE_FILES = "image/png,image/jpeg,image/webp,image/gif,image/bmp,image/tiff";

/** Where a file can go: the parameter that names its content, and what else changes with it. @type {Place[]} */
export const PLACES = [
  {
    key: "scene.object_file",
    kind: "object",
    accept: `${MODEL_FILES},${PICTURE_FILES}`,
    title: "Own object",
    changes: ({ up }) => ({
      "scene.object": "custom",
      "scene.object_up": up ?? "y",
      "scene.object_end_file": "",
      "scene.source": "scene",
    }),
    menu: "scene.object",
    own: "custom",
    otherwise: "dog-cat",
  },
  {
    key: "scene.object_end_file",
    kind: "object",
    accept: `${MODEL_FILES},${PICTURE_FILES}`,
    title: "Morphs into",
    changes: () => ({ "scene.object": "custom", "scene.source": "scene" }),
    menu: "scene.object",
    own: "custom",
    otherwise: "dog-cat",
  },
  {
    key: "scene.background_file",
    kind: "background",
    accept: PICTURE_FILES,
    title: "Own background",
    changes: ({ width, height }) => ({
      "scene.background": "custom",
      "scene.background_shape": width === 2 * height ? "panorama" : "flat",
      "scene.source": "scene",
    }),
    menu: "scene.background",
    own: "custom",
    otherwise: "lawn",
  },
  {
    key: "scene.picture_file",
    kind: "picture",
    accept: PICTURE_FILES,
    title: "Own picture",
    changes: () => ({ "scene.source": "picture" }),
    menu: "scene.source",
    own: "picture",
    otherwise: "scene",
  },
];

/** One of `PLACES`. @param {string} key @returns {Place} */
export function placeOf(key) {
  const place = PLACES.find((candidate) => candidate.key === key);
  if (!place) throw new Error(`no place ${key} for a file`);
  return place;
}

/** Brings files, and knows what is said of each place. */
export class OwnFiles {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** The session that uploads: of the newest welcome. */
    this.session = "";
    /** @type {Map<string, About>} */
    this.known = new Map();
    /** @type {Map<string, Status>} */
    this.statuses = new Map();
    /** @type {Set<(key: string) => void>} */
    this.listeners = new Set();
    store.subscribe((changed) => {
      for (const { key } of PLACES) if (changed.has(key)) this.look(key);
    });
    for (const { key } of PLACES) this.look(key);
  }

  /** @param {string} key @returns {Status} */
  status(key) {
    return this.statuses.get(key) ?? { state: "empty" };
  }

  /** What is shown in a place, where anything is. @param {string} key @returns {About | undefined} */
  about(key) {
    return this.known.get(`${placeOf(key).kind}/${this.store.get(key)}`);
  }

  /** @param {(key: string) => void} listener called with the place whose status changed */
  subscribe(listener) {
    this.listeners.add(listener);
  }

  /**
   * Sends files to a place and shows them there; what goes wrong becomes its status.
   * @param {string} key
   * @param {File[]} files
   */
  async bring(key, files) {
    const place = placeOf(key);
    const name = files.length > 1 ? `${files[0].name} and ${files.length - 1} more` : files[0].name;
    try {
      this.say(key, { state: "sending", name, progress: 0 });
      const about = await send(place.kind, files, this.session, (progress) =>
        this.say(key, progress < 1 ? { state: "sending", name, progress } : { state: "reading", name }),
      );
      if (key === "scene.object_end_file") await this.checkMorph(about);
      this.known.set(`${about.kind}/${about.content}`, about);
      this.store.set({ ...place.changes(about), [key]: about.content });
      this.look(key);
    } catch (error) {
      this.say(key, { state: "refused", name, reason: error.message });
    }
  }

  /** Takes a content out of its place, and forgets it on the server. @param {string} key */
  async remove(key) {
    const { kind } = placeOf(key);
    const content = this.store.get(key);
    this.store.reset([key]);
    this.look(key);
    const elsewhere = PLACES.some((place) => this.store.get(place.key) === content);
    if (!content || elsewhere) return;
    const headers = { "X-Perturber-Session": this.session };
    await fetch(`api/uploads/${kind}/${content}`, { method: "DELETE", headers }).catch(() => undefined);
  }

  /** @throws {Error} the two shapes can't morph */
  async checkMorph(about) {
    const start = this.store.get("scene.object_file");
    const answer = await fetch(`api/uploads/object/${start}/morph/${about.content}`);
    if (!answer.ok) throw new Error((await answer.json()).detail.replace(/^scene\.\w+: /, ""));
  }

  /** Finds out what a place holds. @param {string} key */
  async look(key) {
    const content = this.store.get(key);
    if (!content || this.about(key)) {
      this.say(key, { state: content ? "loaded" : "empty" });
      return;
    }
    const { kind, menu, own, otherwise } = placeOf(key);
    const answer = await fetch(`api/uploads/${kind}/${content}`).catch(() => undefined);
    if (this.store.get(key) !== content) return;
    // A link from another machine: the rest of its view is shown.
    if (answer?.status === 404 && this.store.get(menu) === own) this.store.set({ [menu]: otherwise });
    if (answer?.ok) this.known.set(`${kind}/${content}`, await answer.json());
    this.say(key, { state: answer?.ok ? "loaded" : "gone" });
  }

  /** @param {string} key @param {Status} status */
  say(key, status) {
    this.statuses.set(key, status);
    for (const listener of this.listeners) listener(key);
  }
}

/** What is said of a content in one line. @param {About} about @returns {string} */
export function describeContent({ type, vertices, faces, texture, width, height }) {
  const count = (number) => Number(number).toLocaleString("en");
  if (width) return `${count(width)} × ${count(height)}, ${type.toUpperCase()}`;
  const painted = texture ? `, texture ${texture[0]} × ${texture[1]}` : "";
  return `${count(vertices)} vertices, ${count(faces)} faces${painted}, ${type.toUpperCase()}`;
}

/**
 * Every message of `docs/protocol.md`; the other side is `server/perturber/protocol.py`.
 *
 * @typedef {{key: string, label: string, group: string, stage: string,
 *   kind: "number" | "integer" | "flag" | "choice" | "units" | "class" | "range" | "code" | "unit" | "content",
 *   default: number | boolean | string, help: string,
 *   min?: number, max?: number, step?: number, unit?: string, wraps?: boolean, curve?: number,
 *   choices?: {value: string, label: string}[], max_units?: number, max_length?: number}} Parameter a row of the parameter table
 * @typedef {{family: string, variant: string, label: string, architecture: string, checkpoints: number[], input_size: number,
 *   num_classes: number, licence: string, class_pictures: boolean}} Model
 * @typedef {{units: number, size: number, stride: number, start: number}} Field where `units` units look, in input pixels
 * @typedef {{name: string, channels: number, fields?: Field[]}} Layer
 * @typedef {{name: string, label: string, layers: Layer[], groups: string[]}} Architecture
 * @typedef {{name: string, family: string, label: string, layer: string, units: number[], found: string}} Group
 * @typedef {{name: string, label: string, start: string, end: string, morph: string}} ObjectPair
 * @typedef {{methods: {name: string, label: string, help: string, norms: string[], step_size: boolean,
 *   random_start: boolean, seed: boolean}[], norms: {name: string, label: string, epsilon: number}[]}} Attacks
 * @typedef {{name: string, label: string, value: number, text: string}} Snippet a ready custom effect
 * @typedef {{type: "welcome", protocol: number, version: string, parameters: Parameter[], layers: Layer[],
 *   architectures: Architecture[],
 *   models: Model[], groups: Group[], attacks: Attacks, effects: Snippet[], objects: ObjectPair[],
 *   picture_size: number, device: string, session: string}} Welcome
 * @typedef {{type: "error", code: string, message: string, expected?: string, received?: string, key?: string,
 *   revision?: number, reason?: string, line?: number, column?: number, stopped?: boolean, text?: string}} ErrorMessage
 *   an `effect` error has the last five: why and where in the text, and whether it ran and was stopped
 * @typedef {{type: "notice", level: "info" | "warning", code: string, message: string, what?: string}} Notice
 * @typedef {{type: "featurevis", slot: string, weights: string, layer: string, units: number[], naive: boolean,
 *   diversity: boolean, state: "waiting" | "idle" | "forming" | "paused" | "done" | "failed", step: number,
 *   steps: number, pictures: (string | null)[]}} FeatureVis a row of feature visualizations, with what is new in it
 * @typedef {{index: number, wnid: string, class: string, logit: number, probability: number}} Prediction
 * @typedef {{variant: string, checkpoint: number, layer: string, units: number[], divisor?: number, note?: string,
 *   top?: Prediction[], active?: Record<string, [number, number]>}} ModelResult
 * @typedef {{original_before: Prediction, original_after: Prediction, top_after: Prediction}} Story
 * @typedef {{name: string, steps: number, running: number, method: string, norm: string, epsilon: number,
 *   norm_used: number, source: string, target: string | null, original_class: string,
 *   classes: Record<string, Story>}} AttackResult
 * @typedef {{shape: number[], data: Uint8Array | Float32Array}} Buffer
 * @typedef {{revision: number, buffers: Record<string, Buffer>, models: Record<string, ModelResult>,
 *   timing: Record<string, number>, attack?: AttackResult}} Frame one instant: picture, maps and predictions of the same state
 * @typedef {{type: "layer", revision: number, layer: string, buffers: Record<string, Buffer>,
 *   models: Record<string, {variant: string, checkpoint: number, divisor: number}>}} LayerMaps all units of a layer
 */

export const PROTOCOL = 1;
export const CLOSED_INCOMPATIBLE = 4400;

const MAGIC = 0x52425450; // "PTBR", little-endian
const WEBCAM_MAGIC = 0x57425450; // "PTBW"
const ARRAY_TYPES = { uint8: Uint8Array, float32: Float32Array };
const FIELDS = {
  welcome: {
    protocol: "number",
    version: "string",
    parameters: "array",
    layers: "array",
    architectures: "array",
    models: "array",
    groups: "array",
    attacks: "object",
    effects: "array",
    objects: "array",
    picture_size: "number",
    device: "string",
    session: "string",
  },
  error: { code: "string", message: "string" },
  notice: { level: "string", code: "string", message: "string" },
  featurevis: {
    slot: "string",
    weights: "string",
    layer: "string",
    units: "array",
    state: "string",
    step: "number",
    steps: "number",
    pictures: "array",
  },
};
const utf8 = new TextDecoder();

/** A message of the server that is not what `docs/protocol.md` says. */
export class ProtocolError extends Error {}

/** The messages that a client sends, as text. */
export const encode = {
  hello: () => JSON.stringify({ type: "hello", protocol: PROTOCOL }),
  /** @param {number} revision @param {Record<string, number | boolean | string>} values */
  patch: (revision, values) => JSON.stringify({ type: "patch", revision, values }),
  ready: () => '{"type":"ready"}',
  /** @param {"step" | "undo" | "reset" | "cancel"} action @param {number} [steps] of a `step` */
  attack: (action, steps) => JSON.stringify({ type: "attack", action, steps }),
  /** @param {Uint8ClampedArray} pixels of a square, four bytes each @returns {ArrayBuffer} */
  webcam: (pixels) => {
    const count = pixels.length / 4;
    const message = new ArrayBuffer(8 + count * 3);
    const view = new DataView(message);
    view.setUint32(0, WEBCAM_MAGIC, true);
    view.setUint32(4, Math.sqrt(count), true);
    const out = new Uint8Array(message, 8);
    for (let index = 0; index < count; index += 1) {
      out[3 * index] = pixels[4 * index];
      out[3 * index + 1] = pixels[4 * index + 1];
      out[3 * index + 2] = pixels[4 * index + 2];
    }
    return message;
  },
  layer: () => '{"type":"layer"}',
  /** @param {"play" | "pause"} action @param {string} slot */
  featurevis: (action, slot) => JSON.stringify({ type: "featurevis", action, slot }),
};

/**
 * A text message of the server.
 * @param {string} text
 * @returns {Welcome | ErrorMessage | Notice | FeatureVis}
 * @throws {ProtocolError} an unknown type, or a field that is missing or of the wrong type
 */
export function decodeMessage(text) {
  const message = parseJson(text);
  const fields = FIELDS[message?.type];
  if (!fields)
    throw new ProtocolError(`expected one of ${Object.keys(FIELDS).join(", ")}, got type ${message?.type}`);
  for (const [name, type] of Object.entries(fields)) {
    const received = Array.isArray(message[name]) ? "array" : typeof message[name];
    if (received !== type)
      throw new ProtocolError(`${message.type}.${name}: expected ${type}, got ${received}`);
  }
  return message;
}

/**
 * A binary message. The arrays are views into `bytes`: nothing is copied.
 * @param {ArrayBuffer} bytes
 * @returns {Frame | LayerMaps} a frame has no `type`
 * @throws {ProtocolError} not a frame, or a buffer that reaches outside the payload
 */
export function decodeBinary(bytes) {
  const start = new DataView(bytes);
  if (bytes.byteLength < 8 || start.getUint32(0, true) !== MAGIC)
    throw new ProtocolError("expected a frame that begins with PTBR");
  const payload = 8 + start.getUint32(4, true);
  if (payload > bytes.byteLength || payload % 8)
    throw new ProtocolError(`frame header: ${payload} of ${bytes.byteLength} bytes`);
  const header = parseJson(utf8.decode(new Uint8Array(bytes, 8, payload - 8)));
  /** @type {Record<string, Buffer>} */
  const buffers = {};
  for (const [name, description] of Object.entries(header.buffers)) {
    buffers[name] = viewBuffer(bytes, payload, name, /** @type {any} */ (description));
  }
  if (header.type === "layer") {
    const { type, revision, layer, models } = header;
    return { type, revision, layer, models, buffers };
  }
  if (!buffers.picture) throw new ProtocolError("expected a frame with a picture");
  const { revision, models, timing_ms: timing, attack } = header;
  return { revision, buffers, models, timing, attack };
}

/** @param {string} text @returns {any} */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError(`expected JSON, got ${text.slice(0, 60)}`);
  }
}

function viewBuffer(bytes, payload, name, { offset, dtype, shape }) {
  const ArrayType = ARRAY_TYPES[dtype];
  if (!ArrayType) throw new ProtocolError(`${name}: expected uint8 or float32, got ${dtype}`);
  const length = shape.reduce((product, size) => product * size, 1);
  const end = payload + offset + length * ArrayType.BYTES_PER_ELEMENT;
  if (!(offset >= 0) || end > bytes.byteLength)
    throw new ProtocolError(`${name}: ends at byte ${end} of ${bytes.byteLength}`);
  return { shape, data: new ArrayType(bytes, payload + offset, length) };
}

// How a slider's place and a field's text go together, one scale for each kind of slider (`data-scale`).

// Digits that a value on a logarithmic slider keeps.
const DIGITS = 3;

// The slider's own numbers are the values.
const linear = {
  bounds: () => ({}),
  text: (place) => String(place),
  place: (text) => numberIn(text),
};

// Places are decimal logarithms of values from data-low to data-high.
const log = {
  bounds: ({ low, high }) => ({ min: Math.log10(low), max: Math.log10(high), step: "any" }),
  text(place, { step, low, high }) {
    const value = Math.min(Math.max(10 ** place, low), high);
    const rounded = step ? Math.max(Math.round(value / step) * step, low) : value;
    return String(Number(rounded.toPrecision(DIGITS)));
  },
  place: (text) => Math.log10(numberIn(text)),
};

// Places count months; values are 2026-01 and the like, from data-low to data-high.
const month = {
  bounds: ({ low, high }) => ({ min: monthNumber(low), max: monthNumber(high), step: 1 }),
  text: (place) => `${Math.floor(place / 12)}-${String((place % 12) + 1).padStart(2, "0")}`,
  place: (text) => monthNumber(text),
};

// Places count the values of data-values, a JSON list in ascending order; between two, the earlier one counts.
const list = {
  bounds: ({ values }) => ({ min: 0, max: JSON.parse(values).length - 1, step: 1 }),
  text: (place, { values }) => JSON.parse(values)[place],
  place: (text, { values }) => (text ? JSON.parse(values).filter((value) => value <= text).length - 1 : NaN),
};

const SCALES = { linear, log, month, list };

export function scaleOf(slider) {
  return SCALES[slider.dataset.scale ?? "linear"];
}

// NaN where the text is not one number: a range, a name, nothing.
function numberIn(text) {
  return text.trim() === "" ? NaN : Number(text);
}

function monthNumber(text) {
  const parts = /^(\d{4})-(\d{2})$/.exec(text.trim());
  return parts ? Number(parts[1]) * 12 + Number(parts[2]) - 1 : NaN;
}

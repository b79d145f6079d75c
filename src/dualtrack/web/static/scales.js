// How a slider's place and a field's text go together, one scale for each kind of slider (`data-scale`).

// Digits that a value on a logarithmic slider keeps.
const DIGITS = 3;

const SCALES = {
  linear: {
    text: (place) => String(place),
    place: (text) => numberIn(text),
  },
  // Places are decimal logarithms.
  log: {
    text: (place) => String(Number((10 ** place).toPrecision(DIGITS))),
    place: (text) => Math.log10(numberIn(text)),
  },
  // Places count months from year 0; texts are 2026-01 and the like.
  month: {
    text: (place) => `${Math.floor(place / 12)}-${String((place % 12) + 1).padStart(2, "0")}`,
    place(text) {
      const parts = /^(\d{4})-(\d{2})$/.exec(text.trim());
      return parts ? Number(parts[1]) * 12 + Number(parts[2]) - 1 : NaN;
    },
  },
  // Places count the values of data-values, in ascending order; between two, the earlier one counts.
  list: {
    text: (place, slider) => JSON.parse(slider.dataset.values)[place],
    place: (text, slider) => JSON.parse(slider.dataset.values).filter((value) => value <= text).length - 1,
  },
};

// The text for the place where the slider stands.
export function textOf(slider) {
  return SCALES[slider.dataset.scale].text(Number(slider.value), slider);
}

// Moves the slider to the text's place. A text may say what no slider can, such as a range 0.3 : 1 : 2.5 or a
// month that is none; then the slider stays.
export function moveTo(slider, text) {
  const place = SCALES[slider.dataset.scale].place(text, slider);
  if (Number.isFinite(place)) slider.value = place;
}

// NaN where the text is not one number.
function numberIn(text) {
  return text.trim() === "" ? NaN : Number(text);
}

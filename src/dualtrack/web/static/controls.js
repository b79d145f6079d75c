// Controls: a slider and the field that is sent move together; an empty field means "as in the scenario".
import { scaleOf } from "./scales.js";
import { whenShown } from "./shown.js";

const NARROW = matchMedia("(max-width: 60rem)");

const sliderOf = (control) => control.querySelector("input[type=range]");
const fieldOf = (control) => control.querySelector("[name]");

whenShown(".control", (control) => {
  const slider = sliderOf(control);
  if (slider) Object.assign(slider, scaleOf(slider).bounds(slider.dataset));
  follow(control);
});

// The slider goes where the field says, and to the scenario's value where the field is empty.
function follow(control) {
  const field = fieldOf(control);
  const slider = sliderOf(control);
  const touched = field.value !== "";
  control.classList.toggle("touched", touched);
  if (!slider) return;
  const place = scaleOf(slider).place(field.value || slider.dataset.default, slider.dataset);
  // A field may say what no slider can: a range such as 0.3 : 1 : 2.5, or a month that is none.
  if (Number.isFinite(place)) slider.value = place;
  const value = touched ? field.value : `${slider.dataset.default}, as in the scenario`;
  slider.setAttribute("aria-valuetext", value);
}

// htmx listens on the form; a value set by a script fires nothing by itself.
function set(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  const control = event.target.closest(".control");
  if (!control) return;
  const slider = sliderOf(control);
  if (event.target === slider) {
    set(fieldOf(control), scaleOf(slider).text(Number(slider.value), slider.dataset));
  } else {
    follow(control);
  }
});

document.addEventListener("click", (event) => {
  const control = event.target.closest(".control .reset")?.closest(".control");
  if (!control) return;
  set(fieldOf(control), "");
  // The button goes with the value; the keyboard must not be left nowhere.
  fieldOf(control).focus();
});

// An address names only what was changed. htmx reads forms by this event too.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form.controls")) return;
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

// On a narrow screen controls are folded away above the results.
whenShown("details.drawer", (drawer) => {
  drawer.open = !NARROW.matches;
});
NARROW.addEventListener("change", () => {
  for (const drawer of document.querySelectorAll("details.drawer")) drawer.open = !NARROW.matches;
});

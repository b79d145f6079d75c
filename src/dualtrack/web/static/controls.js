// Controls: a slider and the field that is sent move together; an empty field means "as in the scenario".
import { moveTo, textOf } from "./scales.js";
import { whenShown } from "./shown.js";

const NARROW = matchMedia("(max-width: 60rem)");

const sliderOf = (control) => control.querySelector("input[type=range]");
const fieldOf = (control) => control.querySelector("[name]");

whenShown(".control", follow);

// The slider goes where the field says, and to the scenario's place where the field is empty.
function follow(control) {
  const field = fieldOf(control);
  const slider = sliderOf(control);
  const touched = field.value !== "";
  control.classList.toggle("touched", touched);
  if (!slider) return;
  if (touched) moveTo(slider, field.value);
  else slider.value = slider.dataset.default ?? "";
  slider.ariaValueText = field.value || field.placeholder;
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
    set(fieldOf(control), textOf(slider));
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

// A select that leads to another page, since the controls there are others. htmx must not ask before.
for (const kind of ["input", "change"]) {
  document.addEventListener(
    kind,
    (event) => {
      if (!event.target.matches("select.navigates")) return;
      event.stopPropagation();
      if (kind === "change") event.target.form.submit();
    },
    true,
  );
}

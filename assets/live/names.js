// Names for those who cannot see: what the widgets' library leaves without one is named once it stands.

function everyElement(root, look) {
  for (const element of root.querySelectorAll("*")) {
    look(element)
    if (element.shadowRoot) { everyElement(element.shadowRoot, look) }
  }
}

const silent = (element) => !element.textContent.trim() && !element.getAttribute("aria-label") && !element.title

function nameThem() {
  everyElement(document, (element) => {
    if (element.matches("[role=progressbar]:not([aria-label])")) { element.setAttribute("aria-label", "Work under way") }
    if (element.matches("[aria-label='Resize sidebar']:not([role])")) { element.setAttribute("role", "separator") }
    if (element.matches(".MuiTypography-h5") && silent(element)) { element.setAttribute("role", "presentation") }
    if (element.matches(".MuiFormControl-root")) {
      // The steppers of a number: up, then down.
      const label = element.querySelector("label")?.textContent ?? "the number"
      const steppers = [...element.querySelectorAll("button.MuiIconButton-root")].filter(silent)
      if (steppers.length === 2) { steppers.forEach((button, i) => button.setAttribute("aria-label", `${i ? "Decrease" : "Increase"} ${label}`)) }
    }
  })
}

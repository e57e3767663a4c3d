// The page follows what the system prefers, light or dark, until its switch says otherwise.

export function render({model}) {
  const root = document.createElement("span"), page = thePage(), system = window.matchMedia("(prefers-color-scheme: dark)")
  function follow() { if (!model.chosen) { page.dark_theme = system.matches } }
  function judge() { model.chosen = page.dark_theme === system.matches ? "" : page.dark_theme ? "dark" : "light" }
  page.properties.dark_theme.change.connect(judge)
  system.addEventListener("change", follow)
  model.on("remove", () => system.removeEventListener("change", follow))
  follow()
  return root
}

// The address of the page: what the server writes there, and where the buttons Back and Forward lead.

export function render({model}) {
  const root = document.createElement("span")
  function write() {
    const {search, step} = model.entry
    if (search == null || search === window.location.search) { return }
    window.history[step ? "pushState" : "replaceState"]({}, "", `${window.location.pathname}${search}`)
  }
  const went = () => model.send_msg({search: window.location.search})
  window.addEventListener("popstate", went)
  model.on("remove", () => window.removeEventListener("popstate", went))
  model.on("entry", write)
  return root
}

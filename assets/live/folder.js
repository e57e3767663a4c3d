// A folder dropped on a file input: of its own the input gets the folder's name. What may be a model or belong beside
// one is taken from it, one level deep, and given to the input as if it had been picked: other files may be gigabytes.

const WANTED = /((^|_)(tb|hr|r)\.dat|_wsvec\.dat|_centres\.xyz|\.win|\.wout|\.vasp|\.toml|\.npz|\.hdf5|\.h5)(\.(gz|bz2|xz|tgz|tar|zip))?$|^wt\.in|^(POSCAR|CONTCAR)$|\.(tar\.gz|tgz|zip)$/i

const read = (reader) => new Promise((yes, no) => reader.readEntries(yes, no))
const file = (entry) => new Promise((yes, no) => entry.file(yes, no))

async function inside(folder) {
  const reader = folder.createReader(), found = []
  for (let some = await read(reader); some.length > 0; some = await read(reader)) { found.push(...some) }
  return found.filter((entry) => entry.isFile && WANTED.test(entry.name))
}

export function render({model}) {
  const root = document.createElement("span")

  async function give(input, entries) {
    const chosen = entries.filter((entry) => entry.isFile)
    for (const folder of entries.filter((entry) => entry.isDirectory)) { chosen.push(...await inside(folder)) }
    if (chosen.length === 0) { model.empty = `${entries.map((entry) => entry.name).join(", ")} ${Date.now()}`; return }
    const carrier = new DataTransfer()
    for (const entry of chosen) { carrier.items.add(await file(entry)) }
    input.files = carrier.files
    input.dispatchEvent(new Event("change", {bubbles: true}))
  }

  function dropped(event) {
    const label = event.composedPath().find((e) => e.tagName === "LABEL" && e.querySelector("input[type=file]"))
    const items = [...event.dataTransfer.items].filter((item) => item.kind === "file")
    const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
    if (label === undefined || !entries.some((entry) => entry.isDirectory)) { return }
    event.preventDefault()
    event.stopPropagation()
    give(label.querySelector("input[type=file]"), entries)
  }

  document.addEventListener("drop", dropped, true)
  root.dataset.folders = "heard"
  model.on("remove", () => document.removeEventListener("drop", dropped, true))
  return root
}

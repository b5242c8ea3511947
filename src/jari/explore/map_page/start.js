// ---- the start ----------------------------------------------------------------------------------------------------
function measure() { width = canvas.clientWidth; height = canvas.clientHeight; }
document.querySelector("h1").textContent = data.title;
at("subtitle").textContent = subtitle();
at("hint").textContent = [t(dim === 3 ? "turn" : "move"), ...data.notes].join(" · ");
canvas.setAttribute("aria-label", data.title + ": " + subtitle() + ". " + t("spoken"));
input.placeholder = t("find");
input.setAttribute("aria-label", t("find"));
found.setAttribute("aria-label", t("found"));
document.querySelector("nav").setAttribute("aria-label", t("view"));
for (const name of ["nearer", "farther", "whole"]) { at(name).title = t(name); at(name).setAttribute("aria-label", t(name)); }
at("whole").textContent = t("all");
furnish();
colourBy(mode);
dark.addEventListener("change", paint);
new ResizeObserver(() => {
  measure();
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  reserve();
  draw();  // at once: a canvas of a new size is empty, and would flash
}).observe(canvas);

// Scripts beyond the library's: the keys, the menus of acts, the tabs, the look, forms that are sent once, pictures in forms, the choice of the page
// length, the button of the column menu, and the progress bars of billing runs. The bars are updated every two seconds
// while a run goes on and the page is visible.
(function () {
  "use strict";

  document.querySelectorAll("select[data-kist-go]").forEach(function (select) {
    select.addEventListener("change", function () {
      window.location.assign(select.value);
    });
  });

  document.querySelectorAll("[data-kist-apply-columns]").forEach(function (button) {
    button.addEventListener("click", function () {
      window.applyColumnVisibility();
    });
  });

  document.querySelectorAll("input[data-kist-picture]").forEach(function (input) {
    input.addEventListener("change", function () {
      const hidden = document.getElementById(input.dataset.kistPicture);
      hidden.value = "";
      if (!input.files.length) return;
      const reader = new FileReader();
      reader.addEventListener("load", function () {
        hidden.value = reader.result.slice(reader.result.indexOf(",") + 1);
      });
      reader.readAsDataURL(input.files[0]);
    });
  });

  // `/` goes to the search from everywhere but an input.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    var search = document.getElementById("kist-find");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // Enter on a row that has the focus opens its page, as a click does.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.matches("tr[data-sa-href]")) {
      window.location.assign(event.target.getAttribute("data-sa-href"));
    }
  });

  // A menu of acts closes with Escape, and when another place is clicked.
  document.querySelectorAll("details[data-kist-menu]").forEach(function (menu) {
    menu.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    document.addEventListener("click", function (event) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.querySelectorAll("[data-kist-look]").forEach(function (button) {
    button.addEventListener("click", function () {
      var root = document.documentElement;
      var look = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      root.setAttribute("data-bs-theme", look);
      try { window.localStorage.setItem("kist-look", look); } catch (error) { /* Then it lasts for this page. */ }
    });
  });

  // The key of the form makes a second sending harmless; a button that is off says that the first one is on its way.
  document.querySelectorAll("form[data-kist-once]").forEach(function (form) {
    form.addEventListener("submit", function () {
      window.setTimeout(function () {
        form.querySelectorAll("button[type=submit]").forEach(function (button) { button.disabled = true; });
      }, 0);
    });
  });

  // The names of the columns, for small screens, where a row becomes a card.
  document.querySelectorAll(".page-body table.table").forEach(function (table) {
    var names = Array.from(table.querySelectorAll("thead th")).map(function (cell) { return cell.textContent.trim(); });
    if (!names.length || table.classList.contains("kist-changes")) return;
    table.querySelectorAll("tbody tr").forEach(function (row) {
      Array.from(row.children).forEach(function (cell, place) {
        if (!cell.hasAttribute("data-label")) cell.setAttribute("data-label", names[place] || "");
        // A card of a small screen says only what there is.
        cell.classList.toggle("kist-none", cell.textContent.trim() === "\u2013");
      });
    });
    table.classList.add("kist-stacked");
  });

  // On a small screen the tabs are one line that scrolls: the open one is in sight.
  document.querySelectorAll(".kist-tab.active").forEach(function (tab) {
    tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;
  });

  function running() {
    return document.querySelectorAll('[data-kist-run][data-kist-status="running"]');
  }

  function show(run) {
    document.querySelectorAll('[data-kist-run="' + run.id + '"]').forEach(function (bar) {
      bar.dataset.kistStatus = run.status;
      bar.querySelector("progress").value = run.percent;
      bar.querySelector("span").textContent = run.percent + " %";
    });
  }

  function poll() {
    if (!running().length) return;
    if (document.hidden) {
      window.setTimeout(poll, 2000);
      return;
    }
    fetch("/admin/runs/progress", { headers: { Accept: "application/json" }, redirect: "error" })
      .then(function (answer) { return answer.ok ? answer.json() : []; })
      .then(function (runs) { runs.forEach(show); })
      .then(function () { window.setTimeout(poll, 2000); })
      .catch(function () { /* The session is over or the service is down: the next click shows it. */ });
  }

  poll();
})();

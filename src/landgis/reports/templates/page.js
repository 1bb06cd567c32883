/* The offline page of landgis: reads the JSON block, draws with Leaflet, asks no network.
 * Every text from the data reaches the page through textContent, never through innerHTML. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const parcels = data.parcels;
  const STEP = 1 / data.scale;
  const LISTED = 200;
  const M2_PER_HA = 10000;

  window.addEventListener("error", (event) => { root.dataset.errors = event.message; });

  // ---- small tools ---------------------------------------------------------------------------
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "text") element.textContent = value;
      else if (name === "class") element.className = value;
      else if (name === "on") for (const [type, act] of Object.entries(value)) element.addEventListener(type, act);
      else if (name === "style") Object.assign(element.style, value);
      else if (value !== undefined) element.setAttribute(name, value);
    }
    for (const child of children) if (child) element.append(child);
    return element;
  }
  const at = (id) => document.getElementById(id);
  const hectares = (m2) => (m2 === null ? "—" : (m2 / M2_PER_HA).toFixed(4));  // whole m²: exact

  // Rings come as whole steps, each vertex as the difference to the one before.
  function ring(flat) {
    const points = [];
    let x = 0, y = 0;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i]; y += flat[i + 1];
      points.push([y * STEP, x * STEP]);
    }
    return points;
  }
  const area = (shape) => shape.map((polygon) => polygon.map(ring));
  const lines = (shape) => shape.map(ring);

  // ---- colours and fills ---------------------------------------------------------------------
  function hatch(colour) {
    const tile = make("canvas", { width: 8, height: 8 });
    const pen = tile.getContext("2d");
    pen.fillStyle = "rgba(255,255,255,.75)"; pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colour; pen.lineWidth = 2;
    for (const shift of [-8, 0, 8]) {
      pen.beginPath(); pen.moveTo(shift, 8); pen.lineTo(shift + 8, 0); pen.stroke();
    }
    return pen.createPattern(tile, "repeat");
  }
  const cssHatch = (colour) => `repeating-linear-gradient(135deg, ${colour} 0 2px, #fff 2px 6px)`;
  const hatches = data.classes.map((item) => hatch(item.colour));
  const UNCLASSED = { name: "未分类", colour: "#8a949e", stock: false };
  const readyOf = (i) => (data.readiness[parcels.readiness[i]] || { name: "" }).name;
  const classOf = (i) => data.classes[parcels.land_class[i]] || UNCLASSED;

  function parcelStyle(i) {
    const item = classOf(i);
    const ready = readyOf(i);
    const colour = item.colour;
    if (!item.stock) return { color: colour, weight: 0.5, opacity: 0.7, fillColor: colour, fillOpacity: 0.14 };
    if (ready === "毛地") {
      return { color: colour, weight: 1.4, fillColor: hatches[parcels.land_class[i]] || colour, fillOpacity: 1 };
    }
    if (ready === "待核") {
      return { color: colour, weight: 1.4, dashArray: "4 3", fillColor: colour, fillOpacity: 0.28 };
    }
    return { color: colour, weight: 1, fillColor: colour, fillOpacity: 0.82 };
  }

  // ---- the map -------------------------------------------------------------------------------
  const map = L.map("map", { zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 20, preferCanvas: true });
  L.control.zoom({ position: "topleft", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
  const ruler = L.control.scale({ position: "bottomright", imperial: false, maxWidth: 160 });
  ruler._updateMetric = function (most) {
    const metres = this._getRoundNum(most);
    const words = metres < 1000 ? `${metres} 米` : `${metres / 1000} 千米`;
    this._updateScale(this._mScale, words, metres / most);
  };
  ruler.addTo(map);

  // One pane and one canvas for each kind of thing; only the parcels listen to the pointer.
  const panes = {};
  ["ground", "grid", "zones", "parcels", "barriers", "conflicts", "clusters", "bounds", "chosen"].forEach((name, order) => {
    const pane = map.createPane(name);
    pane.style.zIndex = 410 + 10 * order;
    if (name !== "parcels") pane.classList.add("still");
    panes[name] = L.canvas({ pane: name, padding: 0.3 });
  });
  map.createPane("labels").style.zIndex = 640;
  map.getPane("labels").classList.add("still");
  const drawn = (pane, options) => Object.assign({ pane, renderer: panes[pane], interactive: false }, options);

  function unitLayers() {
    const ground = L.layerGroup(), bounds = L.layerGroup(), labels = L.layerGroup();
    for (const unit of data.units) {
      if (!unit.shape.length) continue;
      const shape = area(unit.shape);
      ground.addLayer(L.polygon(shape, drawn("ground", { stroke: false, fillColor: "#fbfaf6", fillOpacity: 1 })));
      bounds.addLayer(L.polygon(shape, drawn("bounds", { color: "#5b4a3a", weight: 1.6, dashArray: "8 3 2 3", fill: false })));
      const label = make("div", {}, make("b", { text: unit.name }));
      if (unit.figure) label.append(make("small", { text: unit.figure }));
      const [y, x] = [unit.label[1] * STEP, unit.label[0] * STEP];
      labels.addLayer(L.marker([y, x], {
        pane: "labels", interactive: false, keyboard: false,
        icon: L.divIcon({ className: "unit-label", iconSize: [0, 0], html: label }),
      }));
    }
    return { ground, bounds, labels };
  }

  // Figures under the names of units give way where labels would lie on one another.
  function giveWay() {
    const labels = [...document.querySelectorAll(".unit-label > div")];
    labels.forEach((label) => label.classList.remove("bare"));
    const boxes = labels.map((label) => label.getBoundingClientRect());
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    labels.forEach((label, k) => label.classList.toggle("bare", boxes.some((box, other) => other !== k && meet(box, boxes[k]))));
  }

  // From afar a bold outline would hide the parcels it is about.
  function thinFromAfar(group, near) {
    const adapt = () => group.eachLayer((outline) => outline.setStyle(
      map.getZoom() >= 13 ? near || outline.options.near : { weight: 0.6, dashArray: null }));
    adapt();
    map.on("zoomend", adapt);
  }

  function zoneLayer(layer) {
    const group = L.layerGroup();
    for (const [category, shape] of layer.features) {
      const style = layer.categories[category];
      group.addLayer(L.polygon(area(shape), drawn("zones", {
        color: style.stroke, weight: style.weight, fillColor: style.fill || "#000", fill: Boolean(style.fill),
        fillOpacity: style.opacity, dashArray: style.dash, near: { weight: style.weight, dashArray: style.dash },
      })));
    }
    if (layer.categories.some((style) => style.weight > 2)) thinFromAfar(group);
    return group;
  }

  function plainLayer(pane, features, style) {
    const group = L.layerGroup();
    for (const feature of features) {
      if (feature.shape.length) group.addLayer(L.polygon(area(feature.shape), drawn(pane, style)));
      if (feature.line && feature.line.length) {
        group.addLayer(L.polyline(lines(feature.line), drawn(pane, { color: feature.colour, weight: feature.weight, dashArray: feature.dash })));
      }
    }
    return group;
  }

  // The graticule stands in for a base map: where on the earth, and how large.
  const graticule = L.layerGroup();
  const SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000];
  const LABEL_ROOM = 130;  // pixels that 东经108°37′30″ wants beside its neighbour
  const BUTTONS = 48, LABEL = 80, TOP = 30;  // pixels: no label under the buttons, none cut at the edge
  function inDegrees(seconds, step, words) {
    const whole = Math.abs(seconds), two = (n) => String(n).padStart(2, "0");
    const minutes = step < 3600 ? `${two(Math.floor(whole / 60) % 60)}′` : "";
    return `${words[seconds < 0 ? 1 : 0]}${Math.floor(whole / 3600)}°${minutes}${step < 60 ? `${two(whole % 60)}″` : ""}`;
  }
  function drawGraticule() {
    graticule.clearLayers();
    const box = map.getBounds(), second = 1 / 3600;
    const wide = map.getSize().x * second / (box.getEast() - box.getWest());
    const step = SECONDS.find((s) => s * wide >= LABEL_ROOM) || SECONDS[SECONDS.length - 1];
    const line = (a, b) => graticule.addLayer(L.polyline([a, b], drawn("grid", { color: "#b9c4cc", weight: 0.6 })));
    const mark = (place, text, kind, anchor) => graticule.addLayer(L.marker(place, {
      pane: "labels", interactive: false, keyboard: false,
      icon: L.divIcon({ className: `graticule-label ${kind}`, iconSize: [0, 0], iconAnchor: anchor, html: make("span", { text }) }),
    }));
    const between = (from, to, draw) => {
      for (let at = Math.ceil(from / second / step) * step; at * second < to; at += step) draw(at, at * second);
    };
    between(box.getWest(), box.getEast(), (at, degrees) => {
      line([box.getSouth(), degrees], [box.getNorth(), degrees]);
      const x = (at - box.getWest() / second) * wide;
      if (x < BUTTONS || x > map.getSize().x - LABEL) return;
      mark([box.getNorth(), degrees], inDegrees(at, step, ["东经", "西经"]), "meridian", [-3, -2]);
    });
    between(box.getSouth(), box.getNorth(), (at, degrees) => {
      line([degrees, box.getWest()], [degrees, box.getEast()]);
      if (map.latLngToContainerPoint([degrees, box.getWest()]).y < TOP) return;
      mark([degrees, box.getEast()], inDegrees(at, step, ["北纬", "南纬"]), "parallel", [4, 16]);
    });
  }

  // ---- parcels and filters -------------------------------------------------------------------
  const count = parcels.id.length;
  const shapes = new Array(count);
  const shown = new Set();
  const filter = { classes: new Set(), readiness: new Set(), unit: -1, conflict: false, cluster: false };
  data.classes.forEach((_, k) => filter.classes.add(k));
  filter.classes.add(-1);
  data.readiness.forEach((_, k) => filter.readiness.add(k));
  filter.readiness.add(-1);
  const conflictsOf = new Map();
  data.conflicts.forEach((conflict) => {
    if (!conflictsOf.has(conflict.parcel)) conflictsOf.set(conflict.parcel, []);
    conflictsOf.get(conflict.parcel).push(conflict);
  });

  const passes = (i) => filter.classes.has(parcels.land_class[i])
    && filter.readiness.has(parcels.readiness[i])
    && (filter.unit < 0 || parcels.unit[i] === filter.unit)
    && (!filter.conflict || conflictsOf.has(i))
    && (!filter.cluster || parcels.cluster[i] >= 0);

  const title = (i) => parcels.name[i] || parcels.id[i];
  const tip = L.tooltip({ direction: "top", offset: [0, -4] });
  function tipFor(i) {
    const words = [classOf(i).name, readyOf(i), parcels.ha[i] === null ? null : `${hectares(parcels.ha[i])} 公顷`];
    return make("div", {}, make("b", { text: title(i) }), make("br"), make("span", { text: words.filter(Boolean).join(" · ") }));
  }

  const parcelGroup = L.layerGroup();
  function buildParcels() {
    // Ordinary land first, so that stock parcels are painted over it and are hit before it.
    const order = [...Array(count).keys()].sort((a, b) => classOf(a).stock - classOf(b).stock || a - b);
    for (const i of order) {
      if (!parcels.shape[i].length) continue;
      const layer = L.polygon(area(parcels.shape[i]), Object.assign(drawn("parcels", parcelStyle(i)), { interactive: true, bubblingMouseEvents: false }));
      layer.on("click", () => choose(i));
      layer.on("mouseover", (event) => { tip.setLatLng(event.latlng).setContent(tipFor(i)); map.openTooltip(tip); });
      layer.on("mousemove", (event) => tip.setLatLng(event.latlng));
      layer.on("mouseout", () => map.closeTooltip(tip));
      shapes[i] = layer;
      parcelGroup.addLayer(layer);
    }
  }

  // Ordinary land is drawn beside the stock but never counted with it.
  const anyStock = data.classes.some((item) => item.stock);
  const counts = (i) => !anyStock || classOf(i).stock;

  function applyFilter() {
    shown.clear();
    let sum = 0, unknown = 0;
    for (let i = 0; i < count; i++) {
      const keep = passes(i);
      if (keep && counts(i)) {
        shown.add(i);
        if (parcels.ha[i] === null) unknown += 1; else sum += parcels.ha[i];
      }
      if (!shapes[i]) continue;
      if (keep && !parcelGroup.hasLayer(shapes[i])) {
        parcelGroup.addLayer(shapes[i]);
        if (!classOf(i).stock && map.hasLayer(parcelGroup)) shapes[i].bringToBack();
      }
      if (!keep && parcelGroup.hasLayer(shapes[i])) parcelGroup.removeLayer(shapes[i]);
    }
    root.dataset.shown = String(shown.size);
    root.dataset.sum = hectares(sum);
    listResult(sum, unknown);
  }

  // ---- right-hand panels ---------------------------------------------------------------------
  const tabs = [...document.querySelectorAll("nav button")];
  function openTab(name) {
    for (const button of tabs) {
      const open = button.dataset.tab === name;
      button.setAttribute("aria-selected", String(open));
      at(button.dataset.tab).hidden = !open;
    }
  }
  tabs.forEach((button) => button.addEventListener("click", () => openTab(button.dataset.tab)));

  function heading(text, small) {
    return make("h2", { text }, small ? make("small", { text: small }) : null);
  }

  function cell(value) {
    return make("td", { text: value === null ? "—" : value });
  }

  function annexTable() {
    const box = make("div"), summary = data.summary;
    const choices = make("div", { class: "choices" });
    const holder = make("div");
    const show = (key) => {
      for (const button of choices.children) button.setAttribute("aria-pressed", String(button.dataset.key === key));
      const head = make("tr", {}, make("th", { text: "县区" }), ...summary.columns.map((name) => make("th", { text: name })));
      const body = make("tbody");
      for (const row of summary.rows) {
        const line = make("tr", { class: row.total ? "total" : "" }, make("td", { text: row.unit }));
        row[key].forEach((value) => {
          const td = cell(value);
          if (key === "difference" && value !== null && Number(value) !== 0) td.className = "off";
          line.append(td);
        });
        body.append(line);
      }
      holder.replaceChildren(make("table", {}, make("thead", {}, head), body));
    };
    for (const [key, label] of summary.measures) {
      choices.append(make("button", { type: "button", text: label, "data-key": key, on: { click: () => show(key) } }));
    }
    box.append(heading(summary.title, summary.unit), choices, holder);
    if (summary.verdict) box.append(make("p", { class: "because", text: summary.verdict }));
    show(summary.measures[0][0]);
    return box;
  }

  function readinessBar() {
    const counts = data.readiness.map(() => 0), sums = data.readiness.map(() => 0);
    for (let i = 0; i < count; i++) {
      const k = parcels.readiness[i];
      if (k < 0 || !classOf(i).stock) continue;
      counts[k] += 1; sums[k] += parcels.ha[i] || 0;
    }
    const all = counts.reduce((a, b) => a + b, 0);
    if (!all) return null;
        const bar = make("div", { class: "bar" }), key = make("ul", { class: "key" });
    data.readiness.forEach(({ name, colour }, k) => {
      bar.append(make("div", { title: name, style: { flex: String(counts[k]), background: colour } }));
      key.append(make("li", {}, make("span", { class: "swatch", style: { background: colour } }),
        make("span", { text: `${name} ${counts[k]} 宗` }), make("small", { text: `${hectares(sums[k])} 公顷` })));
    });
    return make("div", {}, heading("净地与毛地", "宗数，台账面积"), bar, key);
  }

  function buildOverview() {
    const box = at("overview");
    const cards = make("div", { class: "cards" });
    for (const card of data.cards) {
      cards.append(make("div", { class: "card", style: { borderLeftColor: card.colour } },
        make("span", { text: card.label }), make("b", { text: card.value }, make("small", { text: card.unit })),
        make("span", { text: card.detail })));
    }
    box.append(cards);
    const bar = readinessBar();
    if (bar) box.append(bar);
    if (data.summary) box.append(annexTable());
    if (data.clusters.length) box.append(clusterTable());
    if (data.remarks.length) {
      box.append(heading("说明"));
      for (const remark of data.remarks) box.append(make("p", { class: "empty", text: remark }));
    }
  }

  function clusterTable() {
    const body = make("tbody"), scored = data.clusters.some((cluster) => cluster.points !== null);
    data.clusters.slice(0, LISTED).forEach((cluster, k) => {
      body.append(make("tr", { "data-go": "", on: { click: () => chooseCluster(k, true) } },
        make("td", { text: cluster.id }), make("td", { text: cluster.name || cluster.unit || "" }),
        make("td", { text: cluster.count === null ? "—" : String(cluster.count) }), make("td", { text: cluster.ha }),
        scored ? make("td", { text: cluster.points }) : null));
    });
    const more = data.clusters.length > LISTED ? `前 ${LISTED} 片，共 ${data.clusters.length} 片` : `共 ${data.clusters.length} 片`;
    const heads = ["编号", "名称", "宗数", "公顷", ...(scored ? ["优先度"] : [])];
    return make("div", {}, heading("连片", `${more}，点击看详情`), make("table", { class: "list" },
      make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { text })))), body));
  }

  function check(label, small, fill, ticked, act) {
    const input = make("input", { type: "checkbox", on: { change: (event) => act(event.target.checked) } });
    input.checked = ticked;
    return make("label", {}, input, fill ? make("span", { class: "swatch", style: fill }) : null,
      make("span", { text: label }), small ? make("small", { text: small }) : null);
  }

  const result = make("div");
  function listResult(sum, unknown) {
    const rows = [...shown].sort((a, b) => (parcels.ha[b] || 0) - (parcels.ha[a] || 0));
    const body = make("tbody");
    for (const i of rows.slice(0, LISTED)) {
      body.append(make("tr", { "data-go": "", on: { click: () => choose(i, true) } },
        make("td", { text: parcels.id[i] }), make("td", { text: parcels.name[i] || "" }), make("td", { text: hectares(parcels.ha[i]) })));
    }
    const words = [];
    if (unknown) words.push(`另有 ${unknown} 宗无台账面积`);
    if (rows.length > LISTED) words.push(`下表列出面积最大的 ${LISTED} 宗`);
    result.replaceChildren(
      make("div", { class: "result" }, make("span", { text: anyStock ? "符合条件的存量地块 " : "符合条件的地块 " }), make("b", { text: String(rows.length) }),
        make("span", { text: " 宗，台账面积 " }), make("b", { text: hectares(sum) }), make("span", { text: " 公顷" }),
        words.length ? make("div", { class: "empty", text: words.join("；") }) : null),
      make("table", { class: "list" }, make("thead", {}, make("tr", {},
        make("th", { text: "编号" }), make("th", { text: "名称" }), make("th", { text: "公顷" }))), body));
  }

  function tally(values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
    return (k) => `${counts.get(k) || 0} 宗`;
  }

  function buildFilters() {
    const box = at("filters");
    const toggle = (set, k) => (on) => { if (on) set.add(k); else set.delete(k); applyFilter(); };
    const classes = make("fieldset", {}, make("legend", { text: "存量类别" }));
    const perClass = tally(parcels.land_class), perReady = tally(parcels.readiness);
    data.classes.forEach((item, k) => classes.append(
      check(item.name, perClass(k), { background: item.colour }, true, toggle(filter.classes, k))));
    if (parcels.land_class.includes(-1)) {
      classes.append(check(UNCLASSED.name, perClass(-1), { background: UNCLASSED.colour }, true, toggle(filter.classes, -1)));
    }
    const ready = make("fieldset", {}, make("legend", { text: "净毛地" }));
    data.readiness.forEach(({ name }, k) => ready.append(check(name, perReady(k), null, true, toggle(filter.readiness, k))));
    ready.append(check("未判定", perReady(-1), null, true, toggle(filter.readiness, -1)));
    const select = make("select", { "aria-label": "统计单元", on: { change: (event) => {
      filter.unit = Number(event.target.value); applyFilter();
      const unit = data.units.find((item) => item.place === filter.unit);
      if (unit && unit.shape.length) map.fitBounds(L.polygon(area(unit.shape)).getBounds());
    } } }, make("option", { value: "-1", text: "全部统计单元" }));
    data.unit_names.forEach((name, k) => select.append(make("option", { value: String(k), text: name })));
    box.append(classes);
    if (data.has_readiness) box.append(ready);
    if (data.unit_names.length) box.append(make("fieldset", {}, make("legend", { text: "统计单元" }), select));
    const extra = make("fieldset");
    if (data.conflicts.length) extra.append(check("只看与管控线冲突的地块", `${conflictsOf.size} 宗`, null, false, (on) => { filter.conflict = on; applyFilter(); }));
    if (data.clusters.length) extra.append(check("只看连片内的地块", "", null, false, (on) => { filter.cluster = on; applyFilter(); }));
    box.append(extra, result);
  }

  function buildLayers(layers) {
    const box = at("layers");
    box.append(heading("图层与图例", "勾选以显示"));
    for (const item of layers) {
      const toggle = (on) => item.groups.forEach((group) => (on ? map.addLayer(group()) : map.removeLayer(group())));
      box.append(check(item.label, item.small, item.fill, item.on, toggle));
      if (item.sub && item.sub.length) {
        box.append(make("ul", { class: "sub" }, ...item.sub.map(([text, fill]) => make("li", {},
          make("span", { class: "swatch", style: fill }), make("span", { text })))));
      }
      if (item.on) toggle(true);
    }
  }

  // ---- one parcel ----------------------------------------------------------------------------
  let chosen = null;
  function goTo(shape) {
    const bounds = L.polygon(shape).getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { maxZoom: 17, padding: [60, 60] });
  }

  function choose(i, travel) {
    if (chosen) chosen.remove();
    chosen = null;
    if (parcels.shape[i].length) {
      const shape = area(parcels.shape[i]);
      chosen = L.polygon(shape, drawn("chosen", { color: "#f2a900", weight: 4, fill: false })).addTo(map);
      if (travel) goTo(shape);
    }
    showFacts(i);
    openTab("parcel");
    root.dataset.chosen = parcels.id[i];
    history.replaceState(null, "", `#${encodeURIComponent(parcels.id[i])}`);
  }

  function factTable(rows) {
    return make("table", { class: "facts" }, make("tbody", {}, ...rows.map(([label, value]) =>
      make("tr", {}, make("td", { text: label }), make("td", { text: value })))));
  }

  function showFacts(i) {
    const box = at("parcel"), item = classOf(i), ready = readyOf(i);
    const tags = make("div", { class: "tags" }, make("span", { class: "tag filled", text: item.name, style: { background: item.colour } }));
    if (ready) tags.append(make("span", { class: "tag", text: ready }));
    if (parcels.unit[i] >= 0) tags.append(make("span", { class: "tag", text: data.unit_names[parcels.unit[i]] }));
    if (parcels.cluster[i] >= 0) {
      const id = data.cluster_names[parcels.cluster[i]], k = clusterAt.get(id);
      tags.append(k === undefined ? make("span", { class: "tag", text: `连片 ${id}` })
        : make("button", { type: "button", class: "tag link", text: `连片 ${id}`, on: { click: () => chooseCluster(k, true) } }));
    }
    box.replaceChildren(make("div", { class: "facts-head" }, make("strong", { text: title(i) }), make("span", { text: parcels.id[i] }), tags));
    if (parcels.because[i]) box.append(heading(ready ? `为何是${ready}` : "净毛地理由"), make("p", { class: "because", text: parcels.because[i] }));
    const verdicts = parcels.verdicts[i] || [];
    if (verdicts.length) box.append(heading("判定依据", "起决定作用的规则"), ...verdicts.map((text) => make("p", { class: "because", text })));
    const changes = parcels.changes[i];
    if (changes) box.append(heading("何种变化会改变结论", "最近的在前"), ...changes.split("；").map((text) => make("p", { class: "because", text })));
    const conflicts = conflictsOf.get(i) || [];
    if (conflicts.length) {
      const body = make("tbody", {}, ...conflicts.map((c) => make("tr", {},
        make("td", { text: c.zone ? `${c.layer}：${c.zone}` : c.layer }), make("td", { text: c.verdict }), cell(c.ha), cell(c.share))));
      box.append(heading("管控线冲突"), make("table", {}, make("thead", {}, make("tr", {},
        ...["管控线", "结论", "公顷", "占比"].map((text) => make("th", { text })))), body));
      for (const c of conflicts) if (c.because) box.append(make("p", { class: "because", text: c.because }));
    } else if (data.conflicts.length) box.append(heading("管控线冲突"), make("p", { class: "empty", text: "未列入冲突清单。" }));
    const facts = parcels.facts[i];
    const groups = new Map();
    for (let k = 0; k < facts.length; k += 2) {
      const field = data.fields[facts[k]];
      if (!groups.has(field.group)) groups.set(field.group, []);
      groups.get(field.group).push([field.label, facts[k + 1]]);
    }
    for (const [name, rows] of groups) box.append(heading(name), factTable(rows));
    if (!parcels.shape[i].length) box.append(make("p", { class: "because", text: "该地块没有图形，地图上不显示。" }));
    box.scrollTop = 0;
  }

  // ---- one cluster ---------------------------------------------------------------------------
  const clusterAt = new Map(data.clusters.map((cluster, k) => [cluster.id, k]));

  function chooseCluster(k, travel) {
    const cluster = data.clusters[k];
    if (chosen) chosen.remove();
    chosen = null;
    if (cluster.shape.length) {
      const shape = area(cluster.shape);
      chosen = L.polygon(shape, drawn("chosen", { color: "#f2a900", weight: 4, fill: false })).addTo(map);
      if (travel) goTo(shape);
    }
    showCluster(cluster);
    openTab("cluster");
    root.dataset.chosen = cluster.id;
    history.replaceState(null, "", `#${encodeURIComponent(cluster.id)}`);
  }

  function listOf(heads, rows, look) {
    return make("table", { class: `told ${look || ""}` }, make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { text })))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell)))));
  }

  function clusterReadiness(figures) {
    const bar = make("div", { class: "bar" }), key = make("ul", { class: "key" });
    const known = figures.every((figure) => !Number.isNaN(Number(figure)));
    data.readiness.forEach(({ name, colour }, k) => {
      if (known) bar.append(make("div", { title: name, style: { flex: figures[k], background: colour } }));
      key.append(make("li", {}, make("span", { class: "swatch", style: { background: colour } }),
        make("span", { text: name }), make("small", { text: figures[k] })));
    });
    return known ? [bar, key] : [key];
  }

  function scoreTable(criteria) {
    return make("table", { class: "score" }, make("tbody", {}, ...criteria.map(([name, share, points, weight, added, because]) => {
      const bar = share === null ? make("div", { class: "meter unknown" })
        : make("div", { class: "meter" }, make("div", { style: { width: `${100 * share}%` } }));
      return make("tr", { title: because || undefined }, make("td", { text: name }), make("td", {}, bar),
        make("td", { text: share === null ? points : `${points} × ${weight} ＝ ${added}` }));
    })));
  }

  function showCluster(cluster) {
    const box = at("cluster"), none = (text) => make("p", { class: "empty", text });
    const tags = make("div", { class: "tags" });
    if (cluster.unit) tags.append(make("span", { class: "tag", text: cluster.unit }));
    tags.append(make("span", { class: "tag filled", text: `优先度 ${cluster.score}`, style: { background: data.colours.cluster } }));
    box.replaceChildren(make("div", { class: "facts-head" }, make("strong", { text: cluster.name || cluster.id }), make("span", { text: cluster.id }), tags));
    box.append(heading("概况"), factTable(cluster.facts));
    box.append(heading("净地、毛地、待核", "公顷"), ...(cluster.readiness.length ? clusterReadiness(cluster.readiness) : [none("未知")]));
    box.append(heading("规划用途", "占连片面积"), cluster.uses.length ? listOf(["用途", "面积", "占比"], cluster.uses) : none("未知"));
    box.append(heading("优先度", cluster.criteria.length ? "得分 × 权重 ＝ 计入" : ""), cluster.criteria.length ? scoreTable(cluster.criteria) : none(cluster.score));
    const plots = cluster.plots, separated = cluster.separated;
    box.append(heading("三地"), plots === null ? none("未知") : plots.length ? listOf(["类型", "地块", "面积", "理由"], plots) : none("没有三地候选。"));
    box.append(heading("与相邻连片、地块的分隔"), separated === null ? none("未知")
      : separated.length ? listOf(["分隔", "对方", "连通可增"], separated, "gains") : none("查看范围内没有其他候选地块。"));
    const place = data.cluster_names.indexOf(cluster.id), body = make("tbody");
    parcels.cluster.forEach((own, i) => {
      if (place >= 0 && own === place) body.append(make("tr", { "data-go": "", on: { click: () => choose(i, true) } },
        make("td", { text: parcels.id[i] }), make("td", { text: parcels.name[i] || "" }), make("td", { text: hectares(parcels.ha[i]) })));
    });
    box.append(heading("成员地块", "台账面积，公顷"), make("table", { class: "list" }, body));
    box.scrollTop = 0;
  }

  function inside(shape, point) {
    const crossed = (points) => points.reduce((odd, [y, x], i) => {
      const [v, u] = points[i ? i - 1 : points.length - 1];
      return (y > point.lat) !== (v > point.lat) && point.lng < x + (u - x) * (point.lat - y) / (v - y) ? !odd : odd;
    }, false);
    return shape.some((polygon) => polygon.map(crossed).reduce((odd, hit) => odd !== hit, false));
  }
  // Parcels keep their clicks to themselves: what reaches the map fell beside them, on a lane perhaps.
  map.on("click", (event) => {
    const k = data.clusters.findIndex((cluster) => inside(area(cluster.shape), event.latlng));
    if (k >= 0) chooseCluster(k);
  });

  // ---- search --------------------------------------------------------------------------------
  const haystack = parcels.id.map((id, i) => `${id}\n${parcels.name[i] || ""}\n${parcels.holder[i] || ""}`.toLowerCase());
  function search(text) {
    const hits = at("hits"), wanted = text.trim().toLowerCase();
    hits.replaceChildren();
    hits.hidden = !wanted;
    if (!wanted) return [];
    const found = [];
    for (let i = 0; i < count && found.length < 30; i++) if (haystack[i].includes(wanted)) found.push(i);
    for (const i of found) {
      hits.append(make("li", { on: { mousedown: () => { hits.hidden = true; choose(i, true); } } },
        make("span", { text: title(i) }), make("small", { text: parcels.id[i] })));
    }
    if (!found.length) hits.append(make("li", { class: "none", text: "没有找到" }));
    return found;
  }
  at("search").addEventListener("input", (event) => search(event.target.value));
  at("search").addEventListener("blur", () => { at("hits").hidden = true; });
  at("search").addEventListener("keydown", (event) => {
    if (event.key === "Escape") at("hits").hidden = true;
    if (event.key !== "Enter") return;
    const found = search(event.target.value);
    if (found.length) { at("hits").hidden = true; choose(found[0], true); }
  });

  // ---- put together --------------------------------------------------------------------------
  const bounds = L.latLngBounds([data.bounds[1] * STEP, data.bounds[0] * STEP], [data.bounds[3] * STEP, data.bounds[2] * STEP]);
  const home = (animate) => map.fitBounds(bounds, { padding: [16, 16], animate });
  home(false);
  drawGraticule();
  map.on("moveend", drawGraticule);
  map.on("moveend", giveWay);
  // The whole city stays in view when the window changes, until the reader takes the map in hand.
  let untouched = true;
  for (const type of ["mousedown", "wheel", "touchstart", "keydown"]) {
    at("map").addEventListener(type, () => { untouched = false; }, { capture: true, passive: true });
  }
  map.on("resize", () => { if (untouched && !chosen) home(false); drawGraticule(); });
  buildParcels();
  const units = unitLayers();
  units.labels.on("add", giveWay);
  units.ground.addTo(map);
  const fixed = (group) => [() => group];
  const later = (build) => { let group = null; return [() => (group = group || build())]; };
  const layers = [{
    label: "存量地块", small: `${count} 宗`, on: true, groups: fixed(parcelGroup),
    sub: data.classes.map((item) => [item.stock ? item.name : `${item.name}（淡色）`, { background: item.colour }]),
  }];
  if (data.clusters.length) {
    const outlines = plainLayer("clusters", data.clusters, { color: data.colours.cluster, fill: false });
    thinFromAfar(outlines, { weight: 2.2, dashArray: "6 4" });
    layers.push({ label: "连片范围", small: `${data.clusters.length} 片`, on: true, groups: fixed(outlines),
      fill: { borderColor: data.colours.cluster, borderStyle: "dashed", borderWidth: "2px" } });
  }
  const kindLayer = (label, unit, kinds, look) => {
    const total = kinds.reduce((sum, kind) => sum + kind.features.length, 0);
    if (total) layers.push({ label, small: `${total} ${unit}`, on: true,
      groups: kinds.map((kind) => { let group = null; return () => (group = group || look(kind)); }),
      sub: kinds.map((kind) => [kind.name, kindSwatch(kind)]) });
  };
  const kindSwatch = (kind) => (kind.features[0].line.length ? { height: "0", borderTop: `3px dashed ${kind.colour}` }
    : { background: cssHatch(kind.colour), borderColor: kind.colour });
  const fromNear = (group, near) => { thinFromAfar(group, near); return group; };
  kindLayer("三地", "块", data.pockets, (kind) => fromNear(plainLayer("conflicts", kind.features,
    { color: kind.colour, fillColor: hatch(kind.colour) || kind.colour, fillOpacity: 1 }), { weight: 1.4 }));
  kindLayer("连片分隔", "处", data.separations, (kind) => fromNear(plainLayer("clusters", kind.features, {}),
    { weight: 2.4, dashArray: "5 4" }));
  for (const { name, colour, features } of data.renewal_units) {
    layers.push({ label: name, small: `${features.length} 个`, on: true, fill: { borderColor: colour, borderStyle: "dashed" },
      groups: later(() => plainLayer("clusters", features, { color: colour, weight: 1.6, dashArray: "3 4", fill: false })) });
  }
  const met = Object.entries(data.verdicts).filter(([verdict]) => data.conflicts.some((c) => c.verdict === verdict));
  for (const [verdict, colour] of met) {
    const own = data.conflicts.filter((conflict) => conflict.verdict === verdict);
    layers.push({ label: `冲突部位：${verdict}`, small: `${own.length} 处`, on: verdict === "禁止", fill: { background: colour },
      groups: later(() => plainLayer("conflicts", own, { color: colour, weight: 1.2, fillColor: colour, fillOpacity: 0.55 })) });
  }
  if (data.units.some((unit) => unit.shape.length)) {
    layers.push({ label: "统计单元界线", on: true, groups: fixed(units.bounds), fill: { borderColor: "#5b4a3a", borderStyle: "dashed" } });
    layers.push({ label: "统计单元名称与面积", on: true, groups: fixed(units.labels) });
  }
  for (const layer of data.zones) {
    layers.push({ label: layer.label, small: `${layer.features.length} 个图斑`, on: layer.on, groups: later(() => zoneLayer(layer)),
      fill: layer.categories.length === 1 ? { background: layer.categories[0].fill || "none", borderColor: layer.categories[0].stroke } : null,
      sub: layer.categories.length === 1 || layer.categories.length > 24 ? [] : layer.categories.map((c) => [c.name, { background: c.fill || "none", borderColor: c.stroke }]) });
  }
  if (data.barriers.length) {
    layers.push({ label: "道路、铁路、河流等阻隔", small: `${data.barriers.length} 条`, on: true, groups: fixed(plainLayer("barriers", data.barriers,
      { stroke: false, fillColor: "#7fb2d6", fillOpacity: 0.7 })), fill: { background: "#9aa7b2" } });
  }
  layers.push({ label: "经纬网", on: true, groups: fixed(graticule) });
  buildLayers(layers);
  buildOverview();
  buildFilters();
  applyFilter();

  const legend = L.control({ position: "bottomleft" });
  legend.onAdd = () => {
    const box = make("div", { class: "panel" }, make("strong", { text: "图例" }));
    data.classes.filter((item) => item.stock).forEach((item) => box.append(make("div", {},
      make("span", { class: "swatch", style: { background: item.colour } }), make("span", { text: item.name }))));
    if (data.has_readiness) {
      const grey = "#4a5562";
      box.append(make("div", {}, make("span", { class: "swatch", style: { background: grey } }), make("span", { text: "净地（实填）" })),
        make("div", {}, make("span", { class: "swatch", style: { background: cssHatch(grey), borderColor: grey } }), make("span", { text: "毛地（斜线）" })),
        make("div", {}, make("span", { class: "swatch", style: { background: "#c9ced4", borderColor: grey, borderStyle: "dashed" } }), make("span", { text: "待核（虚边）" })));
    }
    if (data.clusters.length) box.append(make("div", {}, make("span", { class: "swatch", style: { border: `2px dashed ${data.colours.cluster}` } }), make("span", { text: "连片范围" })));
    data.pockets.forEach((kind) => box.append(make("div", {},
      make("span", { class: "swatch", style: kindSwatch(kind) }), make("span", { text: `${kind.name}（斜线）` }))));
    if (data.separations.length) box.append(make("div", {}, make("span", { class: "swatch", style: { height: "0", borderTop: "3px dashed #c0272d" } }), make("span", { text: "连片分隔处" })));
    if (met.length && met[0][0] === "禁止") box.append(make("div", {}, make("span", { class: "swatch", style: { background: met[0][1] } }), make("span", { text: "压占管控线（禁止）" })));
    box.hidden = box.children.length === 1;  // nothing but its title
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  legend.addTo(map);

  document.querySelector('nav [data-tab="cluster"]').hidden = !data.clusters.length;
  at("cluster").append(make("p", { class: "empty", text: "在总览的连片清单中点击一片，或点击地图上连片内的通道，这里显示它的全部情况。" }));
  at("parcel").append(make("p", { class: "empty", text: "点击地图上的地块，或在上方查找，这里显示它的全部情况。" }));
  at("home").addEventListener("click", () => home(true));
  at("print").addEventListener("click", () => window.print());
  function resizeForPaper(printing) {
    const view = map.getBounds();
    document.body.classList.toggle("printing", printing);
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(view, { animate: false });
  }
  window.addEventListener("beforeprint", () => resizeForPaper(true));
  window.addEventListener("afterprint", () => resizeForPaper(false));
  const asked = parcels.id.indexOf(decodeURIComponent(location.hash.slice(1)));
  const askedCluster = clusterAt.get(decodeURIComponent(location.hash.slice(1)));
  if (asked >= 0) choose(asked, true);
  else if (askedCluster !== undefined) chooseCluster(askedCluster, true);
  root.dataset.parcels = String(count);
  root.dataset.drawn = String(shapes.filter(Boolean).length);
  root.dataset.ready = "1";
})();

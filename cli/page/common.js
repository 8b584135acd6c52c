/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What both pages are made of: elements, numbers, names, sortable tables, the treemap.
 *
 * Names come from input files and may hold anything. They enter the page through text nodes and
 * attributes set by the DOM only; nothing here writes markup.
 */
"use strict";

/* el("p", { class: "note" }, "text", node): an element; children that are no nodes become text. */
function el(tag, attributes, ...children) {
	const element = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else
			element.setAttribute(name, value === true ? "" : value);
	}
	for (const child of children.flat()) {
		if (child !== null && child !== undefined)
			element.append(child);
	}
	return element;
}

/* Numbers as the text reports have them: 4,671,587, +15,995, +0.34 %. */
function group(number) {
	return (number < 0 ? "\u2212" : "") +
	       String(Math.abs(number)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/* With one digit behind the point: averages. */
function tenths(number) {
	const [whole, part] = number.toFixed(1).split(".");

	return group(Number(whole)) + "." + part;
}

function signed(number) {
	return (number > 0 ? "+" : "") + group(number);
}

function share(part, whole) {
	const percent = whole ? 100 * part / whole : 0;

	if (part !== 0 && Math.abs(percent) < 0.05)
		return "< 0.1\u00a0%";
	return percent.toFixed(1) + "\u00a0%";
}

function growth(delta, of) {
	if (!of)
		return delta ? "new" : "0.00\u00a0%";
	const percent = (100 * delta / of).toFixed(2);

	return (delta > 0 ? "+" : "") + percent.replace("-", "\u2212") + "\u00a0%";
}

function plural(number, one, many) {
	return group(number) + "\u00a0" + (number === 1 ? one : many || one + "s");
}

/* "4.7 MB": for places where the exact number stands nearby. */
function rough(bytes) {
	for (const [size, unit] of [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) {
		if (bytes >= size)
			return (bytes / size).toFixed(bytes < 10 * size ? 1 : 0) + "\u00a0" + unit;
	}
	return bytes + "\u00a0B";
}

/*
 * Characters that show nothing or turn the direction of text: a name with them looks like another
 * name, so they are shown by their number.
 */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const MAX_NAME = 400;

function plainName(name) {
	return String(name).replace(HIDDEN, c =>
		"\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

function nameNode(name, attributes) {
	const node = el("bdi", { class: "name", dir: "ltr", ...attributes });
	let text = String(name);
	let from = 0;

	if (text.length > MAX_NAME) {
		node.title = group(text.length) + " characters";
		text = text.slice(0, MAX_NAME) + "\u2026";
	}
	for (const match of text.matchAll(HIDDEN)) {
		if (match.index > from)
			node.append(text.slice(from, match.index));
		node.append(el("span", { class: "hidden-char" }, plainName(match[0])));
		from = match.index + match[0].length;
	}
	node.append(text.slice(from));
	return node;
}

let lastId = 0;

function freshId() {
	lastId++;
	return "x" + lastId;
}

function compareValues(a, b) {
	/* What has no value stands behind what has one, whichever way is sorted. */
	if (a === null || a === undefined)
		return b === null || b === undefined ? 0 : 2;
	if (b === null || b === undefined)
		return -2;
	return a < b ? -1 : a > b ? 1 : 0;
}

/*
 * A table: sorted by a click on a header, filtered by words, its rows put into the page slice by
 * slice so that tens of thousands of them stay quick.
 *
 *	columns  { title, type: "name", "text", "number", "delta" or "share", value(row), show(row),
 *		   bar(row), note, search, wide }; `show` gives a node, text or several, default by type;
 *		   `bar` a part of 1, -1 to 1 for "delta"; `magnitude`: sorted without its sign
 *	rows     the data, in the order the table has at first
 *	sort     [column, 1 or -1]: how the rows are sorted already
 *	filter   label of the box of words
 *	facets   [{ title, all, value(row) }]: buttons that leave rows of one value
 *	details  row => function that makes what opens below it, or null
 *	foot     cells of a last row
 */
function dataTable(options) {
	const { columns, rows, details } = options;
	const slice = options.slice || 50;
	const numeric = column => column.type && column.type !== "text" && column.type !== "name";
	const state = { sort: options.sort || null, words: [], facets: new Map(), shown: 0, list: rows };
	const box = el("div", { class: "table-box", id: options.id });
	const body = el("tbody");
	const status = el("span", { class: "status", role: "status" });
	const more = el("button", { type: "button", onclick: () => append(state.shown < 500 ? 200 : 2000) });
	const bottom = el("div", { class: "more" }, status, more);
	const texts = new Map();

	function classOf(column) {
		return (column.type || "text") + (column.wide ? " wide" : "");
	}

	function cell(column, row) {
		const content = column.show ? column.show(row) : shown(column, column.value(row));
		const td = el(column.type === "name" ? "th" : "td",
			      { class: classOf(column), scope: column.type === "name" ? "row" : null });

		if (column.bar) {
			const part = column.bar(row);
			const size = Math.min(Math.abs(part), 1);
			const bar = el("span", { class: "bar", "aria-hidden": "true" });
			const fill = el("span", { class: part < 0 ? "fill less" : "fill" });

			fill.style.width = (column.type === "delta" ? 50 * size : 100 * size) + "%";
			fill.hidden = size === 0;
			if (column.type === "delta")
				bar.classList.add("both");
			bar.append(fill);
			td.append(bar, el("span", { class: "figure" }, content));
			td.classList.add("with-bar");
		} else {
			td.append(...[].concat(content));
		}
		return td;
	}

	function shown(column, value) {
		if (value === null || value === undefined)
			return "";
		switch (column.type) {
		case "number": return group(value);
		case "delta": return value === 0 ? "0" : signed(value);
		case "name": return nameNode(value);
		default: return nameNode(value, { class: "plain" });
		}
	}

	function addRow(row) {
		const tr = el("tr", null, columns.map(column => cell(column, row)));
		const open = details && details(row);

		body.append(tr);
		if (!open)
			return;

		const id = freshId();
		const first = tr.firstChild;
		const button = el("button", { type: "button", class: "disclose",
					      "aria-expanded": "false", "aria-controls": id });
		const below = el("tr", { class: "details", id, hidden: true });

		button.append(...first.childNodes);
		first.append(button);
		button.addEventListener("click", () => {
			if (!below.firstChild)
				below.append(el("td", { colspan: columns.length }, open()));
			below.hidden = !below.hidden;
			button.setAttribute("aria-expanded", String(!below.hidden));
		});
		body.append(below);
	}

	function append(count) {
		const end = Math.min(state.shown + count, state.list.length);

		while (state.shown < end)
			addRow(state.list[state.shown++]);
		tell();
	}

	function tell() {
		const left = state.list.length - state.shown;

		status.textContent = state.list.length === rows.length ?
			(left ? group(state.shown) + " of " + plural(rows.length, "row") + " shown" :
				plural(rows.length, "row")) :
			(left ? group(state.shown) + " shown of " : "") + group(state.list.length) +
				" of " + plural(rows.length, "row");
		more.textContent = "Show " + group(Math.min(left, state.shown < 500 ? 200 : 2000)) + " more";
		more.hidden = left === 0;
		bottom.hidden = more.hidden && !box.classList.contains("with-tools");
	}

	function textOf(row) {
		let text = texts.get(row);

		if (text === undefined) {
			text = columns.filter(column => !numeric(column) || column.search)
				.map(column => column.value(row)).join("\n").toLowerCase();
			if (options.search)
				text += "\n" + options.search(row).toLowerCase();
			texts.set(row, text);
		}
		return text;
	}

	function matches(row, except) {
		for (const [facet, value] of state.facets) {
			if (facet !== except && facet.value(row) !== value)
				return false;
		}
		return state.words.length === 0 ||
		       state.words.every(word => textOf(row).includes(word));
	}

	function refresh() {
		let list = state.words.length || state.facets.size ? rows.filter(row => matches(row)) : rows;

		if (state.sort) {
			const [column, way] = state.sort;
			const { value, magnitude } = columns[column];
			const key = row => magnitude && typeof value(row) === "number" ? Math.abs(value(row)) : value(row);

			list = list.map(row => [key(row), row]).sort((a, b) => {
				const order = compareValues(a[0], b[0]);

				return Math.abs(order) === 2 ? order : way * order;
			}).map(pair => pair[1]);
		}
		state.list = list;
		state.shown = 0;
		body.replaceChildren();
		append(slice);
		empty.hidden = list.length > 0;
	}

	const headers = columns.map((column, i) => {
		const th = el("th", { scope: "col", class: classOf(column), title: column.note });

		th.append(el("button", { type: "button", onclick: () => {
			const first = numeric(column) ? -1 : 1;
			const same = state.sort && state.sort[0] === i;

			state.sort = [i, same ? -state.sort[1] : first];
			mark();
			refresh();
		} }, column.title));
		return th;
	});

	function mark() {
		headers.forEach((th, i) => {
			if (state.sort && state.sort[0] === i)
				th.setAttribute("aria-sort", state.sort[1] > 0 ? "ascending" : "descending");
			else
				th.removeAttribute("aria-sort");
		});
	}

	function facetBar(facet) {
		const counts = new Map();

		for (const row of rows) {
			const value = facet.value(row);

			counts.set(value, (counts.get(value) || 0) + 1);
		}
		const values = [...counts.keys()];
		/* One value is no choice, but the places of the others stay. */
		const list = el("div", { class: "facet", role: "group", "aria-label": facet.title,
					 hidden: counts.size < 2 });
		const buttons = new Map();
		const add = (value, label, count) => {
			const button = el("button", { type: "button", "aria-pressed": String(value === undefined),
						      onclick: () => choose(value) },
					  label, " ", el("span", { class: "count" }, group(count)));

			buttons.set(value, button);
			list.append(button);
		};
		const choose = (value, keep) => {
			if (value === undefined || (!keep && state.facets.get(facet) === value))
				state.facets.delete(facet);
			else
				state.facets.set(facet, value);
			for (const [key, button] of buttons)
				button.setAttribute("aria-pressed", String(key === state.facets.get(facet)));
			refresh();
		};

		choosers.push(choose);
		values.sort((a, b) => counts.get(b) - counts.get(a) || compareValues(a, b));
		add(undefined, facet.all || "All", rows.length);
		for (const value of values)
			add(value, plainName(value), counts.get(value));
		return list;
	}

	/* From outside: leaves the rows that have these values, one for each facet. */
	box.choose = values => {
		choosers.forEach((choose, i) => choose(values[i], true));
	};

	const choosers = [];
	const bar = el("div", { class: "tools" });

	for (const facet of options.facets || [])
		bar.append(facetBar(facet));
	if (options.filter && rows.length > 12) {
		let timer = 0;
		const input = el("input", { type: "search", placeholder: options.filter,
					    "aria-label": options.filter, autocomplete: "off", spellcheck: "false" });

		input.addEventListener("input", () => {
			clearTimeout(timer);
			timer = setTimeout(() => {
				state.words = input.value.toLowerCase().split(/\s+/).filter(word => word);
				refresh();
			}, 60);
		});
		bar.prepend(input);
	}
	if (bar.firstChild) {
		box.classList.add("with-tools");
		box.append(bar);
	}

	const empty = el("p", { class: "empty", hidden: true }, "No row matches.");
	const table = el("table", null,
			 el("caption", { class: "visually-hidden" }, options.caption),
			 el("thead", null, el("tr", null, headers)), body);

	if (options.foot)
		table.append(el("tfoot", null, el("tr", null, options.foot.map((content, i) =>
			el(i ? "td" : "th", { class: columns[i].type || "text", scope: i ? null : "row" }, content)))));
	box.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": options.caption },
		      table), empty, bottom);
	mark();
	append(slice);
	return box;
}

/*
 * Squarified treemap (Bruls, Huizing, van Wijk, 2000): rows of rectangles as close to squares as
 * their order by size allows. Gives [{ node, x, y, w, h }]; areas are exactly proportional.
 */
function squarify(nodes, x, y, w, h) {
	const items = nodes.filter(node => node.bytes > 0).sort((a, b) => b.bytes - a.bytes);
	const out = [];
	let left = items.reduce((sum, node) => sum + node.bytes, 0);
	let start = 0;

	while (start < items.length && left > 0) {
		const scale = w * h / left;
		const side = Math.min(w, h);
		let sum = 0, best = Infinity, end = start;

		while (end < items.length) {
			const next = sum + items[end].bytes;
			const area = next * scale;
			const worst = Math.max(side * side * items[start].bytes * scale / (area * area),
					       area * area / (side * side * items[end].bytes * scale));

			if (worst > best)
				break;
			best = worst;
			sum = next;
			end++;
		}

		const thick = end === items.length ? Math.max(w, h) : sum * scale / side;
		let along = 0;

		for (let i = start; i < end; i++) {
			const size = side * items[i].bytes / sum;

			out.push(w >= h ? { node: items[i], x, y: y + along, w: thick, h: size } :
					  { node: items[i], x: x + along, y, w: size, h: thick });
			along += size;
		}
		if (w >= h) {
			x += thick;
			w -= thick;
		} else {
			y += thick;
			h -= thick;
		}
		left -= sum;
		start = end;
	}
	return out;
}

/* Single things first, then what many small ones come to: each half of its own. */
function layout(nodes, x, y, w, h) {
	const total = list => list.reduce((sum, node) => sum + node.bytes, 0);
	const single = nodes.filter(node => !node.others);
	const others = nodes.filter(node => node.others);
	const part = total(single) / (total(nodes) || 1);

	return w >= h ?
		[...squarify(single, x, y, w * part, h), ...squarify(others, x + w * part, y, w * (1 - part), h)] :
		[...squarify(single, x, y, w, h * part), ...squarify(others, x, y + h * part, w, h * (1 - part))];
}

/*
 * The treemap of a tree of { name, bytes, count, children }: shows two levels below the node it
 * stands at; a click or Enter on a rectangle goes into it, Escape or the path above goes back.
 * Arrow keys move between rectangles.
 *
 *	label(node, parents), color(node, parents)   parents: from the root down
 *	short(node, parents)			      what stands on the rectangle
 */
function treemap(root, options) {
	const path = el("nav", { class: "path", "aria-label": "Place in the treemap" });
	const area = el("div", { class: "treemap", role: "group", "aria-label": options.caption });
	const tip = el("div", { class: "tip", role: "tooltip", id: freshId(), hidden: true });
	const legend = el("div", { class: "legend" }, "Shaded: many small ones together");
	const box = el("div", { class: "treemap-box" }, path, area, legend, tip);
	let trail = [root];
	let tiles = [];
	let width = 0;
	/* Measures labels: in the font of .tile .label. */
	const pen = document.createElement("canvas").getContext("2d");

	function describe(tile) {
		const { node, parents } = tile;
		const lines = [options.label(node, parents), plural(node.bytes, "byte")];

		lines.push(share(node.bytes, root.bytes) + " of all" + (parents.length > 1 ? ", " +
			share(node.bytes, parents[parents.length - 1].bytes) + " of " +
			options.label(parents[parents.length - 1], parents.slice(0, -1)) : ""));
		if (node.count)
			lines.push(plural(node.count, options.unit(node, parents), options.units(node, parents)));
		return lines;
	}

	/* What a click on a tile goes to: the deepest node with parts that it stands for. */
	function target(tile) {
		if (tile.node.children && tile.node.children.length)
			return [...tile.parents, tile.node];
		return tile.parents.length > trail.length ? tile.parents : null;
	}

	function showTip(tile, x, y) {
		const lines = describe(tile);
		const frame = box.getBoundingClientRect();

		tip.replaceChildren(nameNode(lines[0], { class: "tip-name" }),
				    ...lines.slice(1).map(line => el("div", null, line)));
		tip.hidden = false;
		tip.style.left = Math.max(0, Math.min(x - frame.left + 14, frame.width - tip.offsetWidth - 4)) + "px";
		tip.style.top = y - frame.top + 18 + "px";
		if (y + 18 + tip.offsetHeight > document.documentElement.clientHeight)
			tip.style.top = y - frame.top - tip.offsetHeight - 8 + "px";
	}

	function hideTip() {
		tip.hidden = true;
	}

	function go(to, back) {
		const from = trail[trail.length - 1];

		hideTip();
		trail = to;
		draw();
		const tile = back && tiles.find(other => other.node === from || other.parents.includes(from));

		focus(tile || tiles[0]);
	}

	function focus(tile) {
		if (!tile)
			return;
		for (const other of tiles)
			other.element.tabIndex = other === tile ? 0 : -1;
		tile.element.focus({ preventScroll: true });
	}

	function neighbour(tile, dx, dy) {
		const middle = other => [other.x + other.w / 2, other.y + other.h / 2];
		const [x, y] = middle(tile);
		let best = null, bestDistance = Infinity;

		for (const other of tiles) {
			const [ox, oy] = middle(other);
			const ahead = (ox - x) * dx + (oy - y) * dy;
			const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);

			if (other !== tile && ahead > 0.5 && ahead + 2 * aside < bestDistance) {
				bestDistance = ahead + 2 * aside;
				best = other;
			}
		}
		return best;
	}

	const ARROWS = new Map([["ArrowLeft", [-1, 0]], ["ArrowRight", [1, 0]], ["ArrowUp", [0, -1]],
				["ArrowDown", [0, 1]]]);

	function onKey(event, tile) {
		const arrow = ARROWS.get(event.key);

		if (arrow) {
			focus(neighbour(tile, arrow[0], arrow[1]));
		} else if (event.key === "Enter" || event.key === " ") {
			const to = target(tile);

			if (to)
				go(to);
		} else if ((event.key === "Escape" || event.key === "Backspace") && trail.length > 1) {
			go(trail.slice(0, -1), true);
		} else {
			return;
		}
		event.preventDefault();
	}

	/* A name that is cut after a few letters says less than none. */
	function addLabel(element, rect, label) {
		const text = plainName(label.slice(0, MAX_NAME));
		const small = rect.w < 90 || rect.h < 36;
		const room = rect.w - (small ? 7 : 11);
		const scale = small ? 10 / 12 : 1;

		if (room < 20 || rect.h < 15)
			return;

		const size = pen.measureText(text).width * scale;
		const fits = size <= room ? text.length : Math.floor(text.length * room / size) - 1;

		if (fits < text.length && fits < 6)
			return;
		if (small)
			element.classList.add("small");
		element.append(el("span", { class: "label" },
				  fits < text.length ? text.slice(0, fits) + "\u2026" : text));
		if (rect.h < 36)
			return;

		const bytes = rough(rect.node.bytes);
		const more = bytes + " \u00b7 " + share(rect.node.bytes, root.bytes);

		element.append(el("span", { class: "size" }, pen.measureText(more).width * scale <= room ? more : bytes));
	}

	function addTile(rect, parents) {
		const node = rect.node;
		const tile = { ...rect, parents };
		const lines = describe(tile);
		const element = el("div", {
			class: "tile" + (node.others ? " others" : "") + (target(tile) ? " opens" : ""),
			role: target(tile) ? "button" : "img", tabindex: "-1",
			"aria-label": plainName(lines[0]) + ": " + lines.slice(1).join(", "),
		});
		const height = area.clientHeight;

		element.style.left = 100 * rect.x / width + "%";
		element.style.top = 100 * rect.y / height + "%";
		element.style.width = 100 * rect.w / width + "%";
		element.style.height = 100 * rect.h / height + "%";
		element.style.backgroundColor = options.color(node, parents);
		addLabel(element, rect, options.short(node, parents));
		tile.element = element;
		element.addEventListener("pointermove", event => showTip(tile, event.clientX, event.clientY));
		element.addEventListener("pointerleave", hideTip);
		element.addEventListener("focus", () => {
			const frame = element.getBoundingClientRect();

			if (element.matches(":focus-visible"))
				showTip(tile, frame.left, Math.min(frame.bottom, frame.top + 40));
		});
		element.addEventListener("blur", hideTip);
		element.addEventListener("keydown", event => onKey(event, tile));
		element.addEventListener("click", () => {
			const to = target(tile);

			if (to)
				go(to);
		});
		element.setAttribute("data-bytes", node.bytes);
		tiles.push(tile);
		area.append(element);
	}

	/* Faint lines in tiles that have parts: what a click will show. */
	function grain(list, w, h) {
		const canvas = el("canvas", { class: "grain", "aria-hidden": "true" });
		const scale = window.devicePixelRatio || 1;
		const lines = canvas.getContext("2d");

		canvas.width = w * scale;
		canvas.height = h * scale;
		lines.scale(scale, scale);
		lines.strokeStyle = "rgb(255 255 255 / .13)";
		lines.beginPath();
		for (const tile of list) {
			const parts = tile.w * tile.h > 900 && tile.node.children || [];

			for (const rect of layout(parts, tile.x, tile.y, tile.w, tile.h)) {
				if (rect.w > 3 && rect.h > 3)
					lines.rect(rect.x, rect.y, rect.w, rect.h);
			}
		}
		lines.stroke();
		return canvas;
	}

	function draw() {
		const node = trail[trail.length - 1];
		const height = area.clientHeight;

		width = area.clientWidth;
		pen.font = "600 12px " + getComputedStyle(area).fontFamily;
		tiles = [];
		area.replaceChildren();
		for (const rect of layout(node.children || [], 0, 0, width, height)) {
			const parts = rect.node.children;

			if (trail.length === 1 && parts && parts.length) {
				for (const part of layout(parts, rect.x, rect.y, rect.w, rect.h))
					addTile(part, [...trail, rect.node]);
			} else {
				addTile(rect, trail);
			}
		}
		if (tiles[0])
			tiles[0].element.tabIndex = 0;
		area.append(grain(tiles, width, height));
		path.replaceChildren(...trail.flatMap((step, i) => {
			const label = nameNode(options.label(step, trail.slice(0, i)), { class: "plain" });
			const last = i === trail.length - 1;

			return [i ? el("span", { class: "arrow", "aria-hidden": "true" }, "\u203a") : null,
				last ? el("span", { "aria-current": "true" }, label) :
				el("button", { type: "button", onclick: () => go(trail.slice(0, i + 1), true) }, label)];
		}).filter(part => part));
		path.append(el("span", { class: "path-size" }, plural(node.bytes, "byte") +
			(node === root ? "" : ", " + share(node.bytes, root.bytes))));
		if (trail.length > 1)
			path.append(el("button", { type: "button", class: "back",
						   onclick: () => go(trail.slice(0, -1), true) }, "\u2190 Back"));
		else if (tiles.some(target))
			path.append(el("span", { class: "hint" }, "click to zoom in"));
		legend.hidden = !tiles.some(tile => tile.node.others);
	}

	/* Areas are in percent, so only labels wait for this. */
	new ResizeObserver(() => {
		if (area.clientWidth !== width)
			draw();
	}).observe(area);
	return box;
}

/* Classes of colour: each kind that can be large has its own, in tables and treemap. */
const KINDS = ["STRUCT", "FUNC_PROTO", "FUNC", "ENUM", "PTR", "ARRAY", "UNION", "CONST", "TYPEDEF", "VAR",
	       "DATASEC", "ENUM64", "DECL_TAG", "TYPE_TAG", "FWD", "INT", "VOLATILE", "RESTRICT", "FLOAT"];

function kindColor(kind) {
	const index = KINDS.indexOf(kind);

	return "var(--kind-" + (index < 0 ? "other" : kind.toLowerCase()) + ")";
}

function swatch(color) {
	const mark = el("span", { class: "swatch", "aria-hidden": "true" });

	mark.style.backgroundColor = color;
	return mark;
}

function kindCell(kind) {
	return el("span", { class: "kind" }, swatch(kindColor(kind)), plainName(kind));
}

function card(title, figure, note, attributes) {
	return el("div", { class: "card", ...attributes }, el("dt", null, title),
		  el("dd", null, el("span", { class: "big" }, figure), note ? el("span", { class: "note" }, note) : null));
}

/* Sections of the page; nothing is added for an empty one. */
function section(page, id, title, note, ...content) {
	page.append(el("section", { id, "aria-labelledby": id + "-title" },
		       el("h2", { id: id + "-title" }, title),
		       note ? el("p", { class: "note" }, note) : null, ...content));
}

function pageHeader(page, over, title, note) {
	page.append(el("header", null, el("p", { class: "over" }, over),
		       el("h1", null, nameNode(title, { class: "title" })),
		       note ? el("p", { class: "sub" }, note) : null));
}

function pageContents(page) {
	const sections = [...page.querySelectorAll("section")];
	const nav = el("nav", { class: "contents", "aria-label": "Sections" },
		       sections.map(part => el("a", { href: "#" + part.id },
					       part.querySelector("h2").textContent)));

	if (sections.length > 2)
		page.insertBefore(nav, sections[0]);
}

function pageFooter(page, data, text, name) {
	const save = el("button", { type: "button", onclick: () => {
		const url = URL.createObjectURL(new Blob([text.trim() + "\n"], { type: "application/json" }));

		el("a", { href: url, download: name }).click();
		setTimeout(() => URL.revokeObjectURL(url), 1000);
	} }, "Save the data as JSON");

	page.append(el("footer", null, el("span", null, "btfgen " + plainName(data.version || "")), save));
}

function startPage(build) {
	document.addEventListener("DOMContentLoaded", () => {
		const page = document.getElementById("page");
		const text = document.getElementById("data").textContent;
		let data;

		try {
			data = JSON.parse(text);
		} catch (error) {
			page.append(el("p", { class: "empty" }, "The data of this page is not complete: " + error.message));
			return;
		}
		build(page, data, text);
	});
}

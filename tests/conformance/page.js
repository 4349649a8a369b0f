/* SPDX-License-Identifier: MIT */
/* The filter: rows that do not fit are hidden, and so are sections of which nothing is left. */
"use strict";
const rows = [...document.querySelectorAll(".rules tbody tr")].map((row) => ({
        row,
        text: row.textContent.toLowerCase(),
        words: [...row.querySelectorAll("td.v")].map((cell) => cell.textContent),
}));
const [query, column, verdict] = ["q", "c", "w"].map((id) => document.getElementById(id));

function fits({ text, words }) {
        const wanted = query.value.toLowerCase().split(/\s+/).filter(Boolean);
        const asked = column.value === "" ? words : [words[Number(column.value)]];
        return wanted.every((part) => text.includes(part)) && (verdict.value === "" || asked.includes(verdict.value));
}

function apply() {
        let shown = 0;
        for (const entry of rows) {
                entry.row.hidden = !fits(entry);
                shown += entry.row.hidden ? 0 : 1;
        }
        for (const section of document.querySelectorAll("section")) {
                const all = section.querySelectorAll(".rules tbody tr");
                section.hidden = all.length > 0 && [...all].every((row) => row.hidden);
        }
        document.getElementById("n").textContent = `${shown} of ${rows.length} rules`;
}

document.getElementById("filter").hidden = false;
document.getElementById("filter").addEventListener("input", apply);
document.getElementById("filter").addEventListener("submit", (event) => event.preventDefault());
apply();

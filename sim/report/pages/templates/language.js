"use strict";
/* The language of a page: its messages, and numbers as people of that language write them. Both the explorer and
   `airace play` use it; `spoken` is what `sim.common.language.for_script` tells of the language in use. */

let spoken = {language: "en", messages: {}, decimal: ".", group: ",", percent: "%",
              dollars: [[1e3, "$", "tn"], [1, "$", "bn"], [1e-3, "$", "mn"], [1e-6, "$", "k"], [1e-9, "$", ""]]};

const filled = (message, values) => message.replace(/\{(\w+)\}/g, (whole, name) => name in values ? values[name] : whole);
/* A message in the language of the page, with values in the places that it names. */
function _(message, values = {}) { return filled(spoken.messages[message]?.[0] ?? message, values); }
/* One of the forms that the language has for numbers; {number} stands for it. */
function ngettext(one, many, number, values = {}) {
  const forms = spoken.messages[one] ?? [one, many];
  const is_one = new Intl.PluralRules(spoken.language).select(number) === "one";
  return filled(forms[is_one ? 0 : forms.length - 1], {number: localised(number.toLocaleString("en")), ...values});
}
/* A number that is written the English way, in the language of the page. */
const localised = text => text.replace(/[.,]/g, sign => sign === "." ? spoken.decimal : spoken.group);
const joined = clauses => clauses.join(_("; "));
function listed(items) {
  if (items.length < 2) return items.join("");
  return _("{first} and {last}", {first: items.slice(0, -1).join(_(", ")), last: items.at(-1)});
}

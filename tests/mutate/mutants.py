# SPDX-License-Identifier: MIT
"""The mutants of a C file: where there is one, what it changes, and the file with all of them in.

Every mutant is compiled in and does nothing until its number is chosen:

    if (a < b)                  if ((mutant_is(7) ? (a <= b) : (a < b)))
            unlink(a);                  { if (!mutant_is(8)) unlink(a); }

Operators:

    edge    < and <=, > and >= exchanged
    equal   == and != exchanged
    cond    the condition of an if, ?: or loop is always true, or always false
    clause  one side of && or || has no say
    logic   && and || exchanged
    not     a ! is dropped
    arith   + and -, * and / exchanged; += and -=; ++ and --; << and >>
    off     a sum or difference is one more: a page if it is about addresses, else 1
    const   a number is one more, or one less
    mask    & and | exchanged; one flag left out of several; a ~ dropped
    field   a member of a compound literal is left out
    drop    a statement is left out
    return  another result: 0 for an errno and an errno for 0, true or false, NULL
    errno   another errno
    swap    two neighbouring arguments of one kind exchanged

What is stated in ASSERT() and CHECK(), and what only the checks of debug builds look at, is not
mutated: the tests are to judge, not the code itself. Nor is "{ 0 }", which says that all is zero.
A mutant's id is made of its function, the text of its line and what is changed there; so it stays
the same when lines above it come and go.
"""

import hashlib
import re

from csource import Source

STATED = ("ASSERT", "CHECK", "mm_validate_merged", "mm_touch")
COMMUTATIVE = ("min_u64", "max_u64")
OTHER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
         "+": "-", "-": "+", "*": "/", "/": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&",
         "^": "|", "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "++": "--", "--": "++"}
OPERATOR = {"<": "edge", "<=": "edge", ">": "edge", ">=": "edge", "==": "equal", "!=": "equal",
            "&&": "logic", "||": "logic", "&": "mask", "|": "mask", "^": "mask"}

# A sum is about addresses, and one more of it is a page, if one of these words is in it.
BYTES = re.compile(r"\b(?:addr|start|end|from|to|at|lo|hi|len|old_len|new_len|to_len|new_addr|offset"
                   r"|base|lead|span|left|delta|vma_end|old_start|TABLE_SPAN|TASK_SIZE|PAGE_SIZE"
                   r"|PAGE_MASK|STACK_GUARD_GAP)\b")
PAGES = re.compile(r"\b(?:pgoff|PAGE_SHIFT)\b")

# Arguments of one kind may be exchanged: those whose last words are in one of these rows.
ALIKE = [("addr", "start", "end", "from", "to", "new_addr", "old_start", "offset", "vma_end", "at",
          "base", "len", "old_len", "new_len", "left", "lead"),
         ("src", "dst", "prev", "next", "vma", "middle", "survivor", "upper", "origin", "piece"),
         ("flags", "old_flags", "vm_flags", "pages", "level")]

ERRNO = re.compile(r"-E[A-Z0-9]+$")


class Mutant:
    """One change. `number` chooses it in the program, `id` names it for good."""

    def __init__(self, source, function, node, operator, before, after):
        self.file, self.function, self.operator = source.name, function.name, operator
        self.before, self.after = " ".join(before.split()), " ".join(after.split())
        self.start = node.start
        self.line = source.text.count("\n", 0, node.start) + 1
        self.text = " ".join(source.text.split("\n")[self.line - 1].split())
        self.number, self.id = 0, ""

    def key(self):
        return (self.file, self.function, self.text, self.operator, self.before, self.after)

    def change(self):
        return f"{self.before} -> {self.after}"


class Mutator:
    """Finds the mutants of one file and writes the file that has them all."""

    def __init__(self, name, text, first):
        self.source = Source(name, text)
        self.text = text
        self.mutants = []
        self.wraps = {}  # node: text templates, from the inside out
        self.function = None
        for self.function in self.source.functions:
            self.statement(self.function.body)
        self.mutants.sort(key=lambda mutant: mutant.start)  # stable: as found, within a place
        self.identify(first)

    def identify(self, first):
        seen = {}
        for number, mutant in enumerate(self.mutants, first):
            key = mutant.key()
            seen[key] = seen.get(key, 0) + 1
            named = "|".join(key + (str(seen[key]),))
            mutant.number = number
            mutant.id = hashlib.sha1(named.encode()).hexdigest()[:10]

    def say(self, node):
        return self.text[node.start:node.end]

    def add(self, node, operator, after, form, before=None):
        """`form` makes the new text of the node from the mutant's number and the text so far."""
        mutant = Mutant(self.source, self.function, node, operator, before or self.say(node), after)
        self.mutants.append(mutant)
        self.wraps.setdefault(node, []).append((mutant, form))

    def choose(self, node, operator, after, kind="int", before=None):
        """An expression in place of another: of the same type ("same"), or a truth ("truth")."""
        if kind == "same":
            new, old = f"((__typeof__({self.say(node)}))({after}))", "(%s)"
        elif kind == "truth":
            new, old = f"({after})", "!!(%s)"
        else:
            new, old = f"({after})", "(%s)"
        self.add(node, operator, after,
                 lambda number, text: f"(mutant_is({number}) ? {new} : {old % text})", before)

    # ---------------------------------------------------------------- statements

    def statement(self, node):
        if node.kind in ("constant", "label", "empty"):
            return
        if node.kind == "statement":
            self.drop_statement(node)
            return
        if node.kind == "jump":
            self.drop(node, self.say(node))
        elif node.kind == "return":
            self.give_back(node)
        elif node.kind in ("if", "while", "do", "for"):
            self.control(node)
        elif node.kind == "declaration":
            for value in node.children:
                self.value(value)
        elif node.kind == "macro":
            self.statement(node.children[1])
        elif node.kind == "switch":
            self.value(node.children[0])
            self.statement(node.children[1])
        else:
            for child in node.children:
                self.statement(child)

    def drop(self, node, text):
        self.add(node, "drop", ";", lambda number, old: f"{{ if (!mutant_is({number})) {old} }}", text)

    def is_stated(self, node):
        return node.kind == "call" and self.say(node.children[0]) in STATED

    def drop_statement(self, node):
        inner = node.children[0]
        if self.is_stated(inner):
            return
        self.drop(node, self.say(node))
        self.value(inner)

    def control(self, node):
        parts = node.parts
        if node.kind == "for":
            first, condition, step, body = parts
            if first is not None:
                (self.statement if first.kind in ("declaration", "constant") else self.value)(first)
            if step is not None:
                self.value(step)
            bodies = [body]
        elif node.kind == "do":
            bodies, condition = parts[:1], parts[1]
        else:
            condition, bodies = parts[0], [part for part in parts[1:] if part is not None]
        if condition is not None:
            self.condition(condition, both=node.kind == "if")
        for body in bodies:
            self.statement(body)

    def give_back(self, node):
        """return VALUE."""
        if not node.children:
            self.drop(node, self.say(node))
            return
        value, result = node.children[0], self.function.result
        text = self.say(value)
        if "*" in result:
            self.value(value)
            if text != "NULL":
                self.choose(value, "return", "(void *)0")
        elif "bool" in result:
            if text in ("true", "false"):
                self.choose(value, "return", "true" if text == "false" else "false")
                return
            self.value(value)
            for other in ("true", "false"):
                self.choose(value, "return", other, "truth")
        elif ERRNO.match(text):
            self.choose(value, "return", "0")
            self.value(value)
        elif text == "0" and re.search(r"\b(?:int|s64)$", result):
            self.choose(value, "return", "-12")
        elif "struct" in result or text == "0":
            self.value(value)
        else:
            self.value(value)
            self.choose(value, "return", "0", "same")

    # ---------------------------------------------------------------- expressions

    def truth(self, node):
        """Mutants in a condition or a side of one, which will be forced as a whole: that finds all
        that its negation would."""
        if node.kind == "unary" and node.what == "!":
            self.value(node.children[0])
        elif node.kind == "binary" and node.what in ("==", "!="):
            for side in node.children:
                if self.say(side) != "0":
                    self.value(side)
        else:
            self.value(node)

    def condition(self, node, both=True):
        self.truth(node)
        for other in ("true", "false") if both else ("false",):
            self.choose(node, "cond", other, "truth")

    def value(self, node):
        """Mutants of an expression whose value is used, or of what is in it."""
        if node.kind in ("number", "name"):
            self.constant(node)
        elif node.kind == "binary":
            self.binary(node)
        elif node.kind == "unary":
            self.unary(node)
        elif node.kind == "post":
            self.choose(node, "arith", self.say(node.children[0]) + OTHER[node.what])
        elif node.kind == "assign":
            self.assign(node)
        elif node.kind == "conditional":
            self.condition(node.children[0])
            for side in node.children[1:]:
                self.value(side)
        elif node.kind == "call":
            self.call(node)
        elif node.kind == "index":
            self.value(node.children[1])
        elif node.kind == "field":
            self.field(node)
        elif node.kind == "cast":
            self.value(node.children[0])
        elif node.kind == "braces" and self.say(node) == "{ 0 }":
            return
        elif node.kind in ("paren", "braces", "literal", "comma", "member"):
            for child in node.children:
                if child.kind != "name":
                    self.value(child)

    def constant(self, node):
        text = self.say(node)
        if node.kind == "name":
            if text in ("true", "false"):
                self.choose(node, "const", "true" if text == "false" else "false")
            return
        self.choose(node, "const", f"{text} + 1", "same")
        if text.strip("0uUlL"):
            self.choose(node, "const", f"{text} - 1", "same")

    def grouped(self, node):
        text = self.say(node)
        return f"({text})" if node.kind in ("binary", "conditional") else text

    def binary(self, node):
        left, right = node.children
        a, b, mark = self.grouped(left), self.grouped(right), node.what
        changed = f"{a} {OTHER.get(mark, '?')} {b}"
        if mark in ("&&", "||"):
            self.choose(node, "logic", changed)
            for side in (left, right):
                self.truth(side)
                if side.what == mark:
                    continue  # its own sides are left out one by one
                self.choose(side, "clause", "true" if mark == "&&" else "false", "truth")
            return
        self.value(left)
        if mark not in ("+", "-") or right.kind != "number":
            self.value(right)
        if mark in ("+", "-"):
            pages = BYTES.search(a + " " + b) and not PAGES.search(a + b)
            unit = "PAGE_SIZE" if pages and right.kind != "number" else "1"
            self.choose(node, "arith", changed, "same")
            self.choose(node, "off", f"{a} {mark} {b} + {unit}", "same")
        elif mark in ("*", "/", "<<", ">>"):
            self.choose(node, "arith", changed, "same")
        elif mark == "|":
            for side, other in ((left, b), (right, a)):
                if side.kind != "binary" or side.what != "|":
                    self.choose(node, "mask", other, "same")
        elif mark in OPERATOR:
            self.choose(node, OPERATOR[mark], changed, "same" if mark in "&^" else "int")

    def unary(self, node):
        inner = node.children[0]
        text = self.say(inner)
        if ERRNO.match(self.say(node)):
            self.choose(node, "errno", "-EXDEV")
        elif node.what == "!":
            self.value(inner)
            self.choose(node, "not", text, "truth")
        elif node.what == "~":
            self.value(inner)
            self.choose(node, "mask", text, "same")
        elif node.what in ("++", "--"):
            self.choose(node, "arith", OTHER[node.what] + text)
        elif node.what == "-" and inner.kind != "number":
            self.value(inner)
            self.choose(node, "arith", text, "same")
        elif node.what == "*":
            self.value(inner)
        elif node.what == "&" and inner.kind == "index":
            self.value(inner.children[1])

    def assign(self, node):
        left, right = node.children
        if left.kind == "index":
            self.value(left.children[1])
        if node.what in OTHER:
            operator = "mask" if node.what in ("|=", "&=") else "arith"
            self.choose(node, operator, f"{self.say(left)} {OTHER[node.what]} {self.say(right)}")
        self.value(right)

    def field(self, node):
        inner = node.children[0]
        self.value(inner)
        if inner.kind not in ("braces", "literal") and self.say(inner) not in ("NULL", "0", "false"):
            self.choose(inner, "field", "0", "same", f".{node.what} = {self.say(inner)}")

    def call(self, node):
        name, arguments = node.children[0], node.children[1:]
        if self.is_stated(node):
            return
        for argument in arguments:
            if argument.kind not in ("type", "name") or self.say(argument) in ("true", "false"):
                self.value(argument)
        if self.say(name) in COMMUTATIVE:
            return
        for i in range(len(arguments) - 1):
            if self.is_alike(arguments[i], arguments[i + 1]):
                texts = [self.say(argument) for argument in arguments]
                texts[i], texts[i + 1] = texts[i + 1], texts[i]
                self.choose(node, "swap", f"{self.say(name)}({', '.join(texts)})")

    def is_alike(self, a, b):
        if any(node.kind not in ("name", "member") for node in (a, b)):
            return False
        return any(a.what in row and b.what in row for row in ALIKE) and self.say(a) != self.say(b)

    # ---------------------------------------------------------------- the new file

    def render(self, node):
        parts, at = [], node.start
        for child in node.children:
            parts += [self.text[at:child.start], self.render(child)]
            at = child.end
        text = "".join(parts) + self.text[at:node.end]
        for mutant, form in self.wraps.get(node, ()):
            text = form(mutant.number, text)
        return text

    def output(self):
        parts, at = [f'#line 1 "{self.source.name}"\n'], 0
        for function in self.source.functions:
            body = function.body
            parts += [self.text[at:body.start], self.render(body)]
            at = body.end
        return "".join(parts) + self.text[at:]

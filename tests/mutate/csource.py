# SPDX-License-Identifier: MIT
"""Reads our C: the tokens of a file, its functions, and in them statements and expressions.

Enough of C for the style of this tree, not for all programs: no K&R functions, no statement
expressions, types recognised by their spelling. What cannot be read is an error that names the
line, never something left out in silence.

A node knows the stretch of the text that it is, so that a caller can replace that and keep all the
rest, comments and lines included, as it was.
"""

import re

TOKEN = re.compile(r"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<number>(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<mark>\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[][(){};,?:=<>!~.&|^+*/%-])
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

TYPE = re.compile(r"(?:const|volatile|static|register|inline|struct|union|enum|unsigned|signed|void|char"
                  r"|short|int|long|bool|[us](?:8|16|32|64)|\w+_t|va_list)$")

# From the loosest to the tightest.
BINARY = [("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", ">", "<=", ">="),
          ("<<", ">>"), ("+", "-"), ("*", "/", "%")]
ASSIGN = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")

KEYWORDS = ("if", "while", "do", "for", "switch", "case", "default", "return", "break", "continue",
            "goto")


class Token:
    def __init__(self, kind, text, start):
        self.kind, self.text, self.start, self.end = kind, text, start, start + len(text)


class Node:
    """kind, the stretch [start, end) of the text, the nodes in it, in order, and what `what` names:
    an operator, a name, the text of a number."""

    def __init__(self, kind, start, end, children=(), what=""):
        self.kind, self.start, self.end, self.what = kind, start, end, what
        self.children = [child for child in children if child is not None]
        self.parts = list(children)  # with None where something may be but is not


class Function:
    def __init__(self, name, result, body):
        self.name, self.result, self.body = name, result, body


class Source:
    """One file: its text and its functions."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.tokens = self.read_tokens()
        self.at = 0
        self.functions = self.read_functions()

    # ---------------------------------------------------------------- tokens

    def fail(self, position, why):
        line = self.text.count("\n", 0, position) + 1
        raise SyntaxError(f"{self.name}:{line}: tests/mutate cannot read this: {why}")

    def read_tokens(self):
        tokens, at = [], 0
        while at < len(self.text):
            match = TOKEN.match(self.text, at)
            if not match:
                self.fail(at, "no token begins here")
            if match.lastgroup != "space":
                tokens.append(Token(match.lastgroup, match.group(), at))
            at = match.end()
        return tokens + [Token("end", "", len(self.text))]

    def peek(self, ahead=0):
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def next(self):
        token = self.peek()
        self.at += 1
        return token

    def expect(self, text):
        token = self.next()
        if token.text != text:
            self.fail(token.start, f"{text} expected, not {token.text}")
        return token

    def accept(self, text):
        if self.peek().text != text:
            return None
        return self.next()

    def skip_group(self):
        """From an opening bracket to behind the one that closes it."""
        depth = 0
        while True:
            token = self.next()
            if token.kind == "end":
                self.fail(token.start, "a bracket is not closed")
            depth += token.text in ("(", "[", "{")
            depth -= token.text in (")", "]", "}")
            if depth == 0:
                return token

    # ---------------------------------------------------------------- the file

    def read_functions(self):
        functions, begin = [], 0
        while self.peek().kind != "end":
            token = self.peek()
            if token.text == "(" and self.tokens[self.at - 1].kind == "name":
                name_at = self.at - 1
                self.skip_group()
                if self.peek().text == "{":
                    result = " ".join(t.text for t in self.tokens[begin:name_at])
                    functions.append(Function(self.tokens[name_at].text, result, self.block()))
                    begin = self.at
            elif token.text in ("(", "[", "{"):
                self.skip_group()
            else:
                self.next()
                if token.text == ";":
                    begin = self.at
        return functions

    # ---------------------------------------------------------------- statements

    def block(self):
        start, body = self.expect("{").start, []
        while self.peek().text != "}":
            body.append(self.statement())
        return Node("block", start, self.next().end, body)

    def bracketed(self):
        self.expect("(")
        inner = self.expression()
        self.expect(")")
        return inner

    def statement(self):
        token = self.peek()
        reader = getattr(self, "read_" + token.text) if token.text in KEYWORDS else None
        if token.text == "{":
            return self.block()
        if reader:
            return reader(self.next().start)
        if token.text == ";":
            return Node("empty", token.start, self.next().end)
        if self.is_declaration():
            return self.declaration()
        inner = self.expression()
        if self.peek().text != ";" and inner.kind == "call":  # a loop that is a macro
            body = self.statement()
            return Node("macro", inner.start, body.end, [inner, body])
        return Node("statement", inner.start, self.expect(";").end, [inner])

    def read_if(self, start):
        condition, then = self.bracketed(), self.statement()
        other = self.statement() if self.accept("else") else None
        return Node("if", start, (other or then).end, [condition, then, other])

    def read_while(self, start):
        condition, body = self.bracketed(), self.statement()
        return Node("while", start, body.end, [condition, body])

    def read_do(self, start):
        body = self.statement()
        self.expect("while")
        condition = self.bracketed()
        return Node("do", start, self.expect(";").end, [body, condition])

    def read_for(self, start):
        self.expect("(")
        if self.is_declaration():
            first = self.declaration()
        else:
            first = None if self.peek().text == ";" else self.expression()
            self.expect(";")
        condition = None if self.peek().text == ";" else self.expression()
        self.expect(";")
        step = None if self.peek().text == ")" else self.expression()
        self.expect(")")
        body = self.statement()
        return Node("for", start, body.end, [first, condition, step, body])

    def read_switch(self, start):
        value, body = self.bracketed(), self.statement()
        return Node("switch", start, body.end, [value, body])

    def read_case(self, start):
        while self.peek().text != ":":
            self.next()
        return Node("label", start, self.next().end)

    read_default = read_case

    def read_return(self, start):
        value = None if self.peek().text == ";" else self.expression()
        return Node("return", start, self.expect(";").end, [value])

    def read_break(self, start):
        return Node("jump", start, self.expect(";").end)

    read_continue = read_break

    def read_goto(self, start):
        self.next()
        return Node("jump", start, self.expect(";").end)

    # ---------------------------------------------------------------- declarations

    def is_declaration(self):
        """A type, or what can only be one: NAME NAME, NAME *NAME and then =, ; or a comma."""
        token, ahead = self.peek(), 1
        if token.kind != "name":
            return False
        if TYPE.match(token.text):
            return True
        while self.peek(ahead).text == "*":
            ahead += 1
        if self.peek(ahead).kind != "name":
            return False
        return ahead == 1 or self.peek(ahead + 1).text in ("=", ";", ",")

    def type_words(self):
        """The words before the first declarator."""
        words = [self.next().text]
        while True:
            if self.peek().text == "{":
                self.skip_group()
            elif self.peek().kind == "name" and (
                    words[-1] in ("struct", "union", "enum") or TYPE.match(self.peek().text)
                    or not any(self.is_type_core(word) for word in words)):
                words.append(self.next().text)
            else:
                return words

    @staticmethod
    def is_type_core(word):
        return word not in ("const", "volatile", "static", "register", "inline")

    def declaration(self):
        start, values = self.peek().start, []
        words = self.type_words()
        while True:
            while self.peek().text in ("*", "const"):
                self.next()
            if self.peek().text == ";":
                break
            name = self.next()
            if name.kind != "name":
                self.fail(name.start, "a declarator expected")
            while self.peek().text in ("[", "("):
                self.skip_group()
            if self.accept("="):
                values.append(self.initializer())
            if not self.accept(","):
                break
        kind = "constant" if "static" in words else "declaration"
        return Node(kind, start, self.expect(";").end, values)

    def initializer(self):
        return self.braces() if self.peek().text == "{" else self.assignment()

    def braces(self):
        start, parts = self.expect("{").start, []
        while self.peek().text != "}":
            name = None
            while self.peek().text in (".", "["):
                if self.peek().text == "[":
                    self.skip_group()
                else:
                    self.next()
                    name = self.next()
                if self.peek().text == "=":
                    break
            if name is not None or self.peek().text == "=":
                self.expect("=")
            value = self.initializer()
            if name is not None:
                value = Node("field", value.start, value.end, [value], name.text)
            parts.append(value)
            if not self.accept(","):
                break
        return Node("braces", start, self.expect("}").end, parts)

    # ---------------------------------------------------------------- expressions

    def expression(self):
        left = self.assignment()
        while self.accept(","):
            right = self.assignment()
            left = Node("comma", left.start, right.end, [left, right])
        return left

    def assignment(self):
        left = self.conditional()
        if self.peek().text in ASSIGN:
            operator = self.next().text
            right = self.assignment()
            return Node("assign", left.start, right.end, [left, right], operator)
        return left

    def conditional(self):
        condition = self.binary(0)
        if not self.accept("?"):
            return condition
        yes = self.expression()
        self.expect(":")
        no = self.conditional()
        return Node("conditional", condition.start, no.end, [condition, yes, no])

    def binary(self, level):
        if level == len(BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while self.peek().text in BINARY[level]:
            operator = self.next().text
            right = self.binary(level + 1)
            left = Node("binary", left.start, right.end, [left, right], operator)
        return left

    def unary(self):
        token = self.peek()
        if token.text in ("!", "~", "-", "+", "*", "&", "++", "--"):
            self.next()
            inner = self.unary()
            return Node("unary", token.start, inner.end, [inner], token.text)
        if token.text in ("sizeof", "__typeof__"):
            self.next()
            if self.peek().text == "(":
                return Node("size", token.start, self.skip_group().end)
            return Node("size", token.start, self.unary().end)
        if token.text == "(" and TYPE.match(self.peek(1).text):
            end = self.skip_group().end
            if self.peek().text == "{":
                return self.postfix(self.literal(token.start))
            inner = self.unary()
            return Node("cast", token.start, inner.end, [inner], self.text[token.start:end])
        return self.postfix(self.primary())

    def literal(self, start):
        inner = self.braces()
        return Node("literal", start, inner.end, [inner])

    def primary(self):
        token = self.next()
        if token.text == "(":
            inner = self.expression()
            return Node("paren", token.start, self.expect(")").end, [inner])
        if token.kind not in ("name", "number", "string"):
            self.fail(token.start, f"an expression expected, not {token.text or 'the end'}")
        end = token.end
        while token.kind == "string" and self.peek().kind == "string":
            end = self.next().end
        return Node(token.kind, token.start, end, (), token.text)

    def argument(self):
        """A value, or a type, which some macros take."""
        if not TYPE.match(self.peek().text):
            return self.assignment()
        start = self.peek().start
        while self.peek().text not in (",", ")"):
            end = self.next().end
        return Node("type", start, end)

    def postfix(self, inner):
        while True:
            token = self.peek()
            if token.text == "(":
                self.next()
                arguments = []
                while self.peek().text != ")":
                    arguments.append(self.argument())
                    if not self.accept(","):
                        break
                inner = Node("call", inner.start, self.expect(")").end, [inner] + arguments)
            elif token.text == "[":
                self.next()
                index = self.expression()
                inner = Node("index", inner.start, self.expect("]").end, [inner, index])
            elif token.text in (".", "->"):
                self.next()
                field = self.next()
                inner = Node("member", inner.start, field.end, [inner], field.text)
            elif token.text in ("++", "--"):
                inner = Node("post", inner.start, self.next().end, [inner], token.text)
            else:
                return inner

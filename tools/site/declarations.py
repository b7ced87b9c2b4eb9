"""The declarations of a header, read from Doxygen's XML and written as directives of Sphinx."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

KINDS = {"function": "function", "enum": "enum", "typedef": "type", "variable": "var"}


@dataclass
class Declaration:
    header: str
    line: int
    kind: str  # of the directive: class, struct, function, ...
    name: str  # with its namespaces
    signature: str  # what stands behind the directive
    paragraphs: list[str]
    is_special: bool = False  # needs no comment: copies, moves, overrides, names of a value
    members: list[Declaration] = field(default_factory=list)


def text_of(element: ET.Element | None) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def escaped(text: str) -> str:
    """Plain text in reStructuredText."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def paragraphs_of(element: ET.Element) -> list[str]:
    found: list[str] = []
    for name in ("briefdescription", "detaileddescription"):
        for paragraph in element.findall(f"{name}/para"):
            lists = paragraph.findall("itemizedlist")
            for child in lists:
                paragraph.remove(child)
            if text := text_of(paragraph):
                found.append(escaped(text))
            found += [
                "\n".join(f"* {escaped(text_of(item))}" for item in child.iter("listitem"))
                for child in lists
            ]
    return found


def without_override(signature: str) -> str:
    return re.sub(r"virtual | override|\s*=\s*0$", "", signature)


def template_of(element: ET.Element) -> str:
    parameters = element.find("templateparamlist")
    if parameters is None:
        return ""
    words = []
    for one in parameters.findall("param"):
        default = text_of(one.find("defval"))
        name = text_of(one.find("declname"))
        word = f"{text_of(one.find('type'))} {name}".strip()
        words.append(word + (f" = {default}" if default else ""))
    return f"template <{', '.join(words)}> "


def place_of(element: ET.Element) -> tuple[str, int]:
    place = element.find("location")
    assert place is not None
    return str(place.get("file")), int(place.get("line") or 0)


class Reader:
    """All declarations that the XML has, by header."""

    def __init__(self, xml: Path) -> None:
        self.compounds: dict[str, ET.Element] = {}
        for path in sorted(xml.glob("*.xml")):
            for compound in ET.parse(path).getroot().iter("compounddef"):
                self.compounds[str(compound.get("id"))] = compound
        structures = [one for one in self.compounds.values() if one.get("kind") == "struct"]
        self.c_structures = {f"struct {one.findtext('compoundname')}" for one in structures}
        self.inner = {
            str(inner.get("refid"))
            for compound in self.compounds.values()
            if compound.get("kind") in ("class", "struct")
            for inner in compound.findall("innerclass")
        }

    def headers(self) -> dict[str, list[str]]:
        """What stands at the head of every header."""
        files = [one for one in self.compounds.values() if one.get("kind") == "file"]
        return dict(sorted((place_of(one)[0], paragraphs_of(one)) for one in files))

    def declarations(self) -> Iterator[Declaration]:
        for key, compound in self.compounds.items():
            if "::detail" in compound.findtext("compoundname", ""):
                continue
            kind = compound.get("kind")
            if kind in ("class", "struct") and key not in self.inner:
                yield self.record(compound, "")
            in_c = kind == "file" and place_of(compound)[0].endswith(".h")
            if kind == "namespace" or in_c:
                scope = compound.findtext("compoundname", "") + "::" if kind == "namespace" else ""
                for member in compound.findall("sectiondef/memberdef"):
                    # typedef struct name {...} name; is the structure.
                    if not in_c or text_of(member.find("type")) not in self.c_structures:
                        yield from self.member(member, scope)

    def record(self, compound: ET.Element, outer: str) -> Declaration:
        """A class or structure with what others see of it."""
        name = compound.findtext("compoundname", "")
        header, line = place_of(compound)
        bases = ", ".join(text_of(base) for base in compound.findall("basecompoundref"))
        short = name.removeprefix(outer)
        signature = template_of(compound) + short + (f" : public {bases}" if bases else "")
        members = [
            declared
            for member in compound.findall("sectiondef/memberdef")
            if member.get("prot") == "public" and member.get("kind") != "friend"
            for declared in self.member(member, "", name.split("::")[-1])
        ]
        members += [
            self.record(self.compounds[str(inner.get("refid"))], name + "::")
            for inner in compound.findall("innerclass")
            if inner.get("prot") == "public"
        ]
        # `using Base::function` repeats what a function that stands there overrides.
        members = list({without_override(one.signature): one for one in members}.values())
        members.sort(key=lambda one: one.line)
        kind = str(compound.get("kind"))
        return Declaration(
            header, line, kind, name, signature, paragraphs_of(compound), False, members
        )

    def member(self, member: ET.Element, scope: str, owner: str = "") -> Iterator[Declaration]:
        kind = KINDS.get(str(member.get("kind")))
        name = member.findtext("name", "")
        if kind is None or (not name and kind != "enum"):
            return
        if kind == "var" and owner:
            kind = "member"
        header, line = place_of(member)
        special = name.startswith(("operator", "~")) or name == owner
        special = special or member.find("reimplements") is not None
        special = special or text_of(member.find("argsstring")).startswith("() const")
        found = Declaration(
            header,
            line,
            kind,
            scope + name,
            self.signature(member, scope, kind),
            paragraphs_of(member),
            special,
        )
        if kind == "enum":
            if member.get("strong") == "yes":
                found.kind = "enum-class"
            found.members = [
                Declaration(
                    header,
                    line,
                    "enumerator",
                    text_of(value.find("name")),
                    f"{text_of(value.find('name'))} {text_of(value.find('initializer'))}",
                    paragraphs_of(value),
                )
                for value in member.findall("enumvalue")
            ]
        yield found

    @staticmethod
    def signature(member: ET.Element, scope: str, kind: str) -> str:
        name = scope + member.findtext("name", "")
        kind_of_type, arguments = text_of(member.find("type")), text_of(member.find("argsstring"))
        if kind == "enum":
            return name
        if kind == "type":
            if member.findtext("definition", "").startswith("using"):
                return f"{template_of(member)}{name} = {kind_of_type}"
            return f"{kind_of_type} {name}{arguments}"
        words = [
            word
            for word in ("explicit", "static", "virtual")
            if member.get(word if word != "virtual" else "virt")
            in ("yes", "virtual", "pure-virtual")
            and not kind_of_type.startswith(word)
        ]
        words += [kind_of_type, name + arguments]
        if kind in ("var", "member"):
            value = text_of(member.find("initializer"))
            words.append("" if "{." in value else value)  # which Sphinx cannot read
        return template_of(member) + " ".join(word for word in words if word)


def lines_of(declaration: Declaration, domain: str, depth: int = 0) -> Iterator[str]:
    """The directive, with those of its members; of an enumeration without a name these alone."""
    if declaration.name.startswith("@"):
        for member in declaration.members:
            yield from lines_of(member, domain, depth)
        return
    space = "   " * depth
    yield f"{space}.. {domain}:{declaration.kind}:: {declaration.signature}".rstrip()
    yield ""
    for paragraph in declaration.paragraphs:
        yield from (f"{space}   {line}" for line in paragraph.split("\n"))
        yield ""
    for member in declaration.members:
        yield from lines_of(member, domain, depth + 1)


def commented(declarations: list[Declaration]) -> dict[str, bool]:
    """Whether each class, function and enumeration has a comment. Members of structures, special
    functions and constant ones without parameters need none; of functions with the same name, one
    comment is enough."""
    found: dict[str, bool] = {}
    for one in declarations:
        if one.name.startswith("@"):
            continue
        if one.kind in ("class", "struct", "function", "enum", "enum-class") and not one.is_special:
            found[one.name] = found.get(one.name, False) or bool(one.paragraphs)
        functions = [
            member for member in one.members if member.kind not in ("member", "enumerator")
        ]
        found |= {f"{one.name}::{name}": has for name, has in commented(functions).items()}
    return found
